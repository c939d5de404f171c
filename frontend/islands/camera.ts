// A paper before the camera of this PC (a document camera, a webcam): each picture joins the files of the form.
export {};

const root = document.querySelector<HTMLElement>("[data-camera]");
const input = root?.closest("form")?.querySelector<HTMLInputElement>("input[capture]");
if (root && input && navigator.mediaDevices) camera(root, input);

function camera(root: HTMLElement, input: HTMLInputElement): void {
  const part = <T extends Element>(name: string): T => root.querySelector(name) as T;
  const [open, live, said] = [part<HTMLButtonElement>("[data-open]"), part<HTMLElement>("[data-live]"), part<HTMLOutputElement>("output")];
  const [video, which, taken] = [part<HTMLVideoElement>("video"), part<HTMLSelectElement>("select"), part<HTMLElement>("[data-taken]")];
  let number = 0;

  const files = (): File[] => [...(input.files ?? [])];
  const keep = (kept: File[]): void => {
    const all = new DataTransfer();
    kept.forEach((file) => all.items.add(file));
    input.files = all.files;
  };
  const close = (): void => {
    (video.srcObject as MediaStream | null)?.getTracks().forEach((track) => track.stop());
    video.srcObject = null;
    live.hidden = true;
    open.hidden = false;
  };

  async function start(device = ""): Promise<void> {
    close();
    said.textContent = "";
    const wanted = device ? { deviceId: { exact: device } } : { facingMode: "environment" };
    try {
      // A4 at 200 dots an inch is 1654 × 2339; what a camera has less it gives less.
      video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { ...wanted, width: { ideal: 3840 }, height: { ideal: 2160 } } });
    } catch {
      said.textContent = root.dataset.away ?? "";
      return;
    }
    await video.play();
    const cameras = (await navigator.mediaDevices.enumerateDevices()).filter((one) => one.kind === "videoinput");
    const now = (video.srcObject as MediaStream).getVideoTracks()[0].getSettings().deviceId;
    which.replaceChildren(...cameras.map((one, at) => new Option(one.label || String(at + 1), one.deviceId, false, one.deviceId === now)));
    (which.parentElement as HTMLElement).hidden = cameras.length < 2;
    open.hidden = true;
    live.hidden = false;
    part<HTMLButtonElement>("[data-take]").focus();
  }

  async function take(): Promise<void> {
    const picture = document.createElement("canvas");
    [picture.width, picture.height] = [video.videoWidth, video.videoHeight];
    picture.getContext("2d")?.drawImage(video, 0, 0);
    const bytes = await new Promise<Blob | null>((done) => picture.toBlob(done, "image/jpeg", 0.92));
    if (!bytes) return;
    number += 1;
    const file = new File([bytes], `${root.dataset.name ?? ""}-${number}.jpg`, { type: "image/jpeg" });
    keep([...files(), file]);
    const row = document.createElement("li");
    const out = document.createElement("button");
    [out.type, out.className, out.textContent] = ["button", "button quiet small", `${root.dataset.out ?? ""} ${number}`];
    out.addEventListener("click", () => {
      keep(files().filter((one) => one.name !== file.name));
      row.remove();
      tell();
    });
    row.append(picture, out);
    taken.append(row);
    tell();
  }

  const tell = (): void => {
    said.textContent = (root.dataset.count ?? "").replace("{n}", String(taken.children.length));
  };

  root.hidden = false;
  open.addEventListener("click", () => void start());
  which.addEventListener("change", () => void start(which.value));
  part("[data-take]").addEventListener("click", () => void take());
  part("[data-close]").addEventListener("click", close);
  window.addEventListener("pagehide", close);
}
