/** The token for an attempt: the one pasted into this page, or the kernel's. */

import type { BeginCommand, CredentialMessage, CredentialResult, SpaceResult } from "../protocol.js";
import { refusal, type Request, RequestError, TIMEOUT_MS } from "../requests.js";
import type { Credential } from "../sdk/connection.js";
import { loopbackDomain, readClaims } from "../sdk/token.js";
import { Failure } from "./failure.js";

const PROJECT_KEY = /^PT[0-9a-f]{16,}$/i;

/**
 * The kernel's token on its way: it follows the command to dial by itself.
 *
 * Asked for, it would come later by as long as a busy page takes to hear the answer, which is 30
 * to 45 ms in JupyterLab while a cell runs.
 */
export class Delivery {
  readonly credential: Promise<CredentialResult>;
  #take!: (credential: CredentialResult) => void;
  #refuse!: (error: RequestError) => void;

  constructor(signal: AbortSignal) {
    this.credential = new Promise((resolve, reject) => {
      this.#take = resolve;
      this.#refuse = reject;
    });
    this.credential.catch(() => undefined); // with a pasted token nobody waits
    const seconds = Math.round(TIMEOUT_MS / 1000);
    const timer = setTimeout(() => {
      this.#refuse(new RequestError("timeout", "TimeoutError", `The kernel sent no token within ${seconds} s.`));
    }, TIMEOUT_MS);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      this.#refuse(new RequestError("unreachable", "CallEnded", "The call is over."));
    });
  }

  arrive(message: CredentialMessage): void {
    if ("error" in message) {
      this.#refuse(refusal(message.error));
    } else {
      this.#take(message.result);
    }
  }
}

export async function obtainCredential(
  { pasted_token }: BeginCommand,
  request: Request,
  pastedToken: string | null,
  delivery: Delivery,
): Promise<Credential> {
  return pasted_token ? pasted(pastedToken, request) : delivery.credential;
}

async function pasted(token: string | null, request: Request): Promise<Credential> {
  if (token === null) throw new Failure("token", "NoTokenError", "the token box of this page is empty");
  if (PROJECT_KEY.test(token)) {
    throw new Failure("token", "ProjectKeyError", "this is a project's API token (PT…), which must not get into a page");
  }
  const { ch, expiryAt } = readClaims(token);
  const domain = loopbackDomain(ch);
  const expiry = expiryAt === null ? {} : { expiry_at: expiryAt };
  if (domain === null) return { token, ...expiry };
  const { result } = await request("space", { domain });
  // A name of a loopback space, whether this kernel knows it or not: it must not leave the machine.
  return { token, space: (result as unknown as SpaceResult).space, ...expiry };
}
