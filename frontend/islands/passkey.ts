// Passkeys: the browser asks the device, and the form carries its answer. Nothing else on these pages needs a script.
type Json = Record<string, any>;

const bytes = (text: string) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text = (buffer: ArrayBuffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
const keys = (list: Json[] = []) => list.map((key) => ({ ...key, id: bytes(key.id) }));

async function make({ publicKey: o }: Json): Promise<Json> {
  const selection = { ...o.authenticatorSelection, residentKey: "required", requireResidentKey: true, userVerification: "required" };
  const publicKey = { ...o, challenge: bytes(o.challenge), user: { ...o.user, id: bytes(o.user.id) }, excludeCredentials: keys(o.excludeCredentials), authenticatorSelection: selection };
  const made = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
  const answer = made.response as AuthenticatorAttestationResponse;
  return { ...described(made), response: { clientDataJSON: text(answer.clientDataJSON), attestationObject: text(answer.attestationObject), transports: answer.getTransports?.() ?? [] } };
}

async function use({ publicKey: o }: Json): Promise<Json> {
  const publicKey = { ...o, challenge: bytes(o.challenge), allowCredentials: keys(o.allowCredentials) };
  const given = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
  const answer = given.response as AuthenticatorAssertionResponse;
  return { ...described(given), response: { clientDataJSON: text(answer.clientDataJSON), authenticatorData: text(answer.authenticatorData), signature: text(answer.signature), userHandle: answer.userHandle && text(answer.userHandle) } };
}

const described = (one: PublicKeyCredential) => ({ type: one.type, id: one.id, rawId: text(one.rawId), authenticatorAttachment: (one as Json).authenticatorAttachment, clientExtensionResults: one.getClientExtensionResults() });

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-passkey]")) {
  const said = form.querySelector("output");
  form.querySelector("[data-go]")?.addEventListener("click", async () => {
    if (said) said.textContent = "";
    try {
      const written = document.getElementById("js_data")?.textContent;
      const data: Json = form.dataset.passkey === "sign-in"
        ? await (await fetch(form.action, { headers: { Accept: "application/json" } })).json()
        : JSON.parse(written ?? "{}");
      const answer = data.creation_options ? await make(data.creation_options) : await use(data.request_options);
      form.querySelector<HTMLInputElement>("[name=credential]")!.value = JSON.stringify(answer);
      form.requestSubmit();
    } catch {
      if (said) said.textContent = form.dataset.failed ?? "";
    }
  });
  form.hidden = !("PublicKeyCredential" in window);
}
