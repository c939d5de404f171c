// Signing with a USB token: carries prepared documents to `tinhso agent` on this PC and its signatures back.
export {};
// The PIN is asked for by the agent; neither this page nor the server ever has it.

type Words = Record<string, string>;
type Certificate = { fingerprint: string; holder: string; issuer: string; not_after: string; token: string; certificate: string; chain: string[] };
type Prepared = { id: string; document: string; name: string; attributes: string };

/** Something went another way; `code` is the agent's or the server's, `words` the server's. */
class Trouble extends Error {
  constructor(readonly code: string, readonly words = "") {
    super(code);
  }
}

const csrf = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";

/** JSON to our server. */
async function server(url: string, body: unknown): Promise<Record<string, unknown>> {
  const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json", "x-csrftoken": csrf }, body: JSON.stringify(body) });
  const said = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
  if (!answer.ok) throw new Trouble(String(said.error ?? "other"), String(said.words ?? ""));
  return said;
}

class Agent {
  constructor(private readonly address: string) {}

  private get token(): string {
    return localStorage.getItem("agent-token") ?? "";
  }

  async call(path: string, body?: unknown): Promise<Response> {
    const headers: Record<string, string> = { authorization: `Bearer ${this.token}` };
    if (body) headers["content-type"] = "application/json";
    const options = { method: body ? "POST" : "GET", headers, body: body ? JSON.stringify(body) : undefined, targetAddressSpace: "loopback" };
    const answer = await fetch(this.address + path, options).catch(() => {
      throw new Trouble("away");
    });
    if (!answer.ok) throw new Trouble(String(((await answer.json().catch(() => ({}))) as Words).error ?? "other"));
    return answer;
  }

  async pair(code: string): Promise<void> {
    const said = (await (await this.call("/pair", { code })).json()) as Words;
    localStorage.setItem("agent-token", said.token);
  }

  async certificates(): Promise<Certificate[]> {
    const found = ((await (await this.call("/certificates")).json()) as { certificates: Certificate[] }).certificates;
    if (!found.length) throw new Trouble("no_token");
    return found;
  }

  /** Signatures one by one, as the token makes them. */
  async *sign(fingerprint: string, documents: { name: string; attributes: string }[]): AsyncGenerator<string> {
    const body = (await this.call("/sign", { fingerprint, documents })).body;
    if (!body) throw new Trouble("other");
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read().catch(() => {
        throw new Trouble("away");
      });
      rest += value ?? "";
      const lines = rest.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const said = JSON.parse(line) as { signature?: string; error?: string; done?: boolean };
        if (said.signature) yield said.signature;
        else if (said.done) return;
        else throw new Trouble(said.error ?? "other");
      }
      if (done) throw new Trouble("away");
    }
  }
}

/** What both places share: words, the question for the pairing code, one thing at a time. */
class Place {
  readonly agent: Agent;
  readonly words: Words;
  readonly button: HTMLButtonElement;
  private readonly said: HTMLOutputElement;
  private readonly pairing: HTMLFormElement;

  constructor(readonly root: HTMLElement, work: () => Promise<void>) {
    this.agent = new Agent(root.dataset.agent ?? "");
    this.words = JSON.parse(document.getElementById("agent-words")?.textContent ?? "{}") as Words;
    this.button = root.querySelector("[data-do]") as HTMLButtonElement;
    this.said = root.querySelector("output") as HTMLOutputElement;
    this.pairing = root.querySelector("[data-pairing]") as HTMLFormElement;
    root.hidden = false;
    const once = async () => {
      if (this.button.disabled) return;
      this.button.disabled = true;
      await work().catch((trouble: unknown) => this.tell(trouble));
      this.button.disabled = false;
    };
    this.button.addEventListener("click", () => void once());
    this.pairing.addEventListener("submit", (event) => {
      event.preventDefault();
      const input = this.pairing.querySelector("input") as HTMLInputElement;
      void this.agent.pair(input.value).then(() => {
        this.pairing.hidden = true;
        this.say("");
        return once();
      }, (trouble: unknown) => this.tell(trouble)).finally(() => delete this.pairing.dataset.sent);
    });
  }

  say(words: string): void {
    this.said.textContent = words;
  }

  tell(trouble: unknown): void {
    const code = trouble instanceof Trouble ? trouble.code : "other";
    this.say((trouble instanceof Trouble && trouble.words) || this.words[code] || this.words.other);
    if (code === "not_paired" || code === "wrong_code") {
      this.pairing.hidden = false;
      this.pairing.querySelector("input")?.focus();
    }
  }
}

/** Sign one document, or those that are ticked. */
function signing(root: HTMLElement): void {
  const bar = root.querySelector("progress") as HTMLProgressElement;
  const done = new Set<string>();

  const chosen = (): string[] =>
    (root.dataset.document
      ? [root.dataset.document]
      : [...document.querySelectorAll<HTMLInputElement>('input[name="document"]:checked')].map((box) => box.value)
    ).filter((key) => !done.has(key));

  const mark = (key: string, words: string): void => {
    const row = document.querySelector(`[data-row-document="${CSS.escape(key)}"]`);
    const cell = row?.querySelector("[data-state]");
    if (cell) cell.textContent = words;
    const box = row?.querySelector<HTMLInputElement>("input");
    if (box) box.checked = false;
    if (box && done.has(key)) box.disabled = true;
  };

  const place = new Place(root, async () => {
    const wanted = chosen();
    if (!wanted.length) throw new Trouble("choose");
    const known = root.dataset.known ?? "";
    const certificate = (await place.agent.certificates()).find((one) => one.fingerprint === known);
    if (!certificate) throw new Trouble("unknown_certificate");
    const said = await server(root.dataset.prepare ?? "", { documents: wanted, fingerprint: known });
    const prepared = said.prepared as Prepared[];
    const refused = said.refused as { document: string; words: string }[];
    refused.forEach((one) => mark(one.document, one.words));
    if (!prepared.length) throw new Trouble("other", refused.map((one) => one.words).join(" "));
    place.say(place.words.signing);
    bar.hidden = false;
    bar.max = prepared.length;
    bar.value = 0;
    let next = 0;
    const failed: string[] = refused.map((one) => one.words);
    try {
      for await (const signature of place.agent.sign(known, prepared)) {
        const one = prepared[next];
        try {
          await server(`${root.dataset.complete ?? ""}${one.id}`, { signature });
          done.add(one.document);
          mark(one.document, place.words.done);
        } catch (trouble) {
          if (!(trouble instanceof Trouble)) throw trouble;
          failed.push(`${one.name}: ${trouble.words || place.words.other}`);
          mark(one.document, trouble.words || place.words.other);
        }
        next += 1;
        bar.value = next;
      }
    } catch (trouble) {
      place.tell(trouble);
      if (next) root.querySelector("output")?.append(` ${place.words.left.replace("%(count)s", String(prepared.length - next))}`);
      return;
    } finally {
      bar.hidden = true;
    }
    if (failed.length) place.say(failed.join(" "));
    else location.assign(root.dataset.then ?? location.href);
  });
}

/** Register the certificate on a token. */
function enrolling(root: HTMLElement): void {
  const list = root.querySelector("[data-found]") as HTMLElement;
  const place = new Place(root, async () => {
    list.replaceChildren();
    for (const one of await place.agent.certificates()) {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button primary";
      button.textContent = `${list.dataset.add ?? ""}: ${one.holder}`;
      const facts = document.createElement("span");
      facts.className = "quiet";
      facts.textContent = ` ${one.issuer} · ${one.not_after.slice(0, 10).split("-").reverse().join("/")} · ${one.token}`;
      button.addEventListener("click", () => void add(one, button).catch((trouble: unknown) => place.tell(trouble)));
      item.append(button, facts);
      list.append(item);
    }
    place.say("");
  });

  async function add(one: Certificate, button: HTMLButtonElement): Promise<void> {
    button.disabled = true;
    try {
      const { attributes } = await server(root.dataset.challenge ?? "", one);
      place.say(place.words.signing);
      for await (const signature of place.agent.sign(one.fingerprint, [{ name: button.textContent ?? "", attributes: String(attributes) }])) {
        await server(root.dataset.register ?? "", { signature });
      }
      location.reload();
    } finally {
      button.disabled = false;
    }
  }
}

document.querySelectorAll<HTMLElement>("[data-token]").forEach(signing);
document.querySelectorAll<HTMLElement>("[data-enrol]").forEach(enrolling);

// "All" ticks and unticks the rest.
document.querySelector<HTMLInputElement>("input[data-all]")?.addEventListener("change", (event) => {
  const all = (event.target as HTMLInputElement).checked;
  document.querySelectorAll<HTMLInputElement>('input[name="document"]:not(:disabled)').forEach((box) => (box.checked = all));
});
