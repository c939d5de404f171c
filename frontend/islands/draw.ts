// The drawing board of processes: bpmn-js with our words in a form beside it. Loaded on that page alone.
import Modeler from "bpmn-js/lib/Modeler";

const OWN = "https://tinhso.vn/ns/process/1";
const text = (name: string) => ({ name, isAttr: true, type: "String" });
const descriptor = {
  name: "Tỉnh Số", uri: OWN, prefix: "tinhso", xml: { tagAlias: "lowerCase" },
  types: [
    { name: "Node", extends: ["bpmn:FlowNode"], properties: ["key", "nameEn", "kind", "amount", "unit", "needed", "role", "agency"].map(text) },
    { name: "Row", extends: ["bpmn:Lane"], properties: ["role", "agency"].map(text) },
    { name: "Way", extends: ["bpmn:SequenceFlow"], properties: ["outcome"].map(text) },
  ],
};

interface Finding { at: string; message: string }
// bpmn-js describes what it edits by its own dynamic model; these are the few parts used here.
interface Business { get(name: string): any; $type: string; outgoing?: Business[]; incoming?: Business[]; sourceRef?: Business }
interface Shape { id: string; type: string; businessObject: Business }

const board = document.getElementById("draw-board");
const form = document.getElementById("draw-form");
const said = document.getElementById("draw-said");
if (board && form && said) void draw(board, form, said);

async function draw(board: HTMLElement, form: HTMLElement, said: HTMLElement) {
  board.hidden = form.hidden = false;
  const modeler: any = new Modeler({ container: board, moddleExtensions: { tinhso: descriptor } });
  const source = await fetch(board.dataset.source ?? "");
  await modeler.importXML(await source.text());
  const canvas = modeler.get("canvas");
  canvas.zoom("fit-viewport");
  const whole = canvas.viewbox(); // the palette stands to the left of the drawing, not on it
  canvas.viewbox({ x: whole.x - whole.width * 0.12, y: whole.y, width: whole.width * 1.13, height: whole.height });
  const modeling = modeler.get("modeling");
  let chosen: Shape | null = null;
  let marked: string[] = [];

  const sort = (shape: Shape): string => {
    const business = shape.businessObject;
    if (business.$type === "bpmn:ReceiveTask") return "wait";
    if (/Task$/.test(business.$type)) return "step";
    if (business.$type === "bpmn:Lane") return "lane";
    if (business.$type === "bpmn:SequenceFlow") {
      const from = business.sourceRef;
      if (from?.$type === "bpmn:ExclusiveGateway" && (from.outgoing?.length ?? 0) > 1) return "decided";
      return from && /Task$|BoundaryEvent$/.test(from.$type) ? "ended" : "none";
    }
    if (business.$type === "bpmn:BoundaryEvent") return "timer";
    if (business.$type === "bpmn:ExclusiveGateway") return "choice";
    return business.$type === "bpmn:ParallelGateway" ? "join" : "none";
  };

  /** Outcomes that the step before a way can have, with their words. */
  const outcomes = (way: Business): [string, string][] => {
    const from: Business | undefined = way.sourceRef?.$type === "bpmn:BoundaryEvent" ? way.sourceRef.get("attachedToRef") : way.sourceRef;
    const kind = from?.get("tinhso:kind");
    const option = form.querySelector<HTMLOptionElement>(`#p-kind option[value="${CSS.escape(kind ?? "")}"]`);
    return JSON.parse(option?.dataset.outcomes ?? "[]");
  };

  /** When each way is taken, in the words of the server; chosen on a page of its own. */
  const words = new Map([...document.querySelectorAll<HTMLElement>("[data-way]")].map((row) => [row.dataset.way, row.querySelector("span")?.textContent ?? ""]));
  const choose = form.querySelector<HTMLAnchorElement>("#p-choose");
  const told = form.querySelector<HTMLElement>("#p-words");
  const tell = () => {
    if (!chosen || !told || !choose) return;
    told.textContent = words.get(chosen.id) || (told.dataset.none ?? "");
    choose.search = new URLSearchParams({ duong: chosen.id }).toString();
  };

  const read = (business: Business, own: string): string => {
    if (own === "duration") return business.get("eventDefinitions")?.[0]?.timeDuration?.body ?? "";
    return business.get(own) ?? "";
  };

  const write = (shape: Shape, own: string, value: string) => {
    const business = shape.businessObject;
    const create = (body: string) => (body ? modeler.get("bpmnFactory").create("bpmn:FormalExpression", { body }) : undefined);
    if (own === "duration") {
      const timer = business.get("eventDefinitions")?.[0];
      if (timer) modeling.updateModdleProperties(shape, timer, { timeDuration: create(value) });
    } else modeling.updateProperties(shape, { [own]: value || undefined });
    if (own === "tinhso:outcome") // what decides a way stands beside it
      modeling.updateProperties(shape, { name: outcomes(business).find(([one]) => one === value)?.[1] });
  };

  const show = (shape: Shape | null) => {
    chosen = shape;
    const kind = shape ? sort(shape) : "none";
    for (const part of form.querySelectorAll<HTMLElement>("[data-for]")) part.hidden = !part.dataset.for?.split(" ").includes(kind);
    if (!shape) return;
    const list = form.querySelector<HTMLSelectElement>("#p-outcome");
    if (kind === "ended" && list) {
      const known = outcomes(shape.businessObject);
      const now = read(shape.businessObject, "tinhso:outcome");
      if (now && !known.some(([one]) => one === now)) known.push([now, now]);
      list.replaceChildren(list.options[0]!, ...known.map(([one, called]) => new Option(called, one)));
    }
    tell();
    for (const field of form.querySelectorAll<HTMLInputElement>("[data-own]")) field.value = read(shape.businessObject, field.dataset.own ?? "");
  };

  form.addEventListener("change", (event) => {
    const field = event.target as HTMLInputElement;
    if (chosen && field.dataset.own) write(chosen, field.dataset.own, field.value.trim());
  });
  modeler.on("selection.changed", (event: { newSelection: Shape[] }) => show(event.newSelection.length === 1 ? event.newSelection[0]! : null));
  show(null);

  const registry = modeler.get("elementRegistry");
  const mark = (findings: Finding[]) => {
    for (const id of marked) if (registry.get(id)) canvas.removeMarker(id, "wrong");
    marked = findings.map(({ at }) => at).filter((id) => id && registry.get(id));
    for (const id of marked) canvas.addMarker(id, "wrong");
    const list = document.getElementById("draw-findings");
    list?.replaceChildren(...findings.map(({ at, message }) => {
      const row = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.className = "link";
      button.textContent = message;
      if (at) row.dataset.at = at;
      row.append(at ? button : message);
      return row;
    }));
    const fine = document.getElementById("draw-fine");
    if (fine) fine.hidden = findings.length > 0;
  };
  document.getElementById("draw-findings")?.addEventListener("click", (event) => {
    const shape = registry.get((event.target as Element).closest<HTMLElement>("[data-at]")?.dataset.at ?? "");
    if (!shape) return;
    modeler.get("selection").select(shape);
    canvas.scrollToElement?.(shape);
  });
  mark([...document.querySelectorAll<HTMLElement>("#draw-findings li")].map((row) => ({ at: row.dataset.at ?? "", message: row.textContent ?? "" })));

  // Every change is kept a moment later, and what is wrong is said anew.
  let timer = 0;
  let keeping: Promise<void> = Promise.resolve();
  let dirty = false;
  const keep = async () => {
    if (!dirty) return;
    dirty = false;
    const { xml } = await modeler.saveXML({ format: true });
    const body = new URLSearchParams({ xml, revision: board.dataset.revision ?? "", name: board.dataset.name ?? "" });
    const token = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
    const answer = await fetch(board.dataset.keep ?? "", { method: "POST", body, headers: { "X-CSRFToken": token } }).catch(() => null);
    const kept = answer?.headers.get("content-type")?.includes("json") ? await answer.json() : null;
    if (answer?.ok && kept) {
      board.dataset.revision = kept.revision;
      said.textContent = said.dataset.kept ?? "";
      words.clear();
      for (const [way, when] of Object.entries<string>(kept.ways)) words.set(way, when);
      tell();
      mark(kept.findings);
    } else {
      dirty = true;
      said.textContent = kept?.refused ?? said.dataset.lost ?? "";
    }
  };
  const soon = () => {
    dirty = true;
    clearTimeout(timer);
    timer = window.setTimeout(() => (keeping = keeping.then(keep)), 800);
  };
  modeler.on("commandStack.changed", soon);
  document.getElementById("draw-publish")?.addEventListener("submit", (event) => {
    if (!dirty) return;
    event.preventDefault();
    clearTimeout(timer);
    const form = event.target as HTMLFormElement;
    keeping = keeping.then(keep).then(() => { if (!dirty) form.submit(); });
  }, { capture: true });
  choose?.addEventListener("click", (event) => { // the page that opens reads what is kept
    if (!dirty) return;
    event.preventDefault();
    clearTimeout(timer);
    keeping = keeping.then(keep).then(() => { if (!dirty) location.assign(choose.href); });
  });
  addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
  const from = registry.get(decodeURIComponent(location.hash.slice(1))); // back from the page of its condition
  if (from) modeler.get("selection").select(from);
  board.dataset.ready = "1";
}
