/** What the errors of Redis, of its Sentinels and of the way to them mean, and what to do about them. */

/** First words of error replies that say something about the server or our rights there, nothing about the command. */
const temporary = new Set([
  "BUSY",
  "CLUSTERDOWN",
  "LOADING",
  "MASTERDOWN",
  "MISCONF",
  "NOAUTH",
  "NOPERM",
  "NOREPLICAS",
  "OOM",
  "READONLY",
  "TRYAGAIN",
  "UNBLOCKED",
  "WRONGPASS",
]);

/** How a script says NOPERM: Redis 7.0, and later ones. */
const refusedInScript = /^ERR (?:The user executing the script|ACL failure in script)/;

/** Whether the same command may succeed later, on another server, or when the administrator of Redis has mended our rights. */
export function isTemporary({ message }: Error): boolean {
  const [word = ""] = message.split(" ", 1);
  return temporary.has(word) || refusedInScript.test(message);
}

const needsAdministrator =
  /\b(?:NOAUTH|NOPERM|WRONGPASS)\b|The user executing the script|ACL failure in script|DB index is out of range|certificate/;

/** Whether waiting is in vain: only other settings, here or at Redis, end this failure. */
export function needsOtherSettings(error: unknown): boolean {
  return needsAdministrator.test(failureText(error));
}

/** Errors, most of them of the client library, that only say that there was another one before. */
const consequence =
  /^(?:All sentinels are unreachable|Stream isn't writeable|Connection is closed|no primary within)/;

/** Whether an error tells less than the one that came before it. */
export function isConsequence(error: unknown): boolean {
  return consequence.test(failureText(error));
}

/** Whether a Sentinel answered that it watches over no primary of that name. */
export function isUnknownMaster({ message }: Error): boolean {
  return message.includes("No such master with that name");
}

/** An error of OpenSSL in full, of which its fifth part is for people: `…:error:0A000418:SSL routines:…:tlsv1 alert unknown ca:…`. */
const opensslError = /[0-9A-F]*:?error:[0-9A-F]+:[^:]*:[^:]*:([^:\n]+)(?::.*)?/s;

/** The message of an error in one line. */
export function failureText(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(opensslError, "$1").trim();
}

type Advice = readonly (readonly [symptom: RegExp, options: string])[];

const certain: Advice = [
  [
    /sentinel \S+ because (?:NOAUTH|WRONGPASS|NOPERM)/,
    "see --redis.sentinel-username and --redis.sentinel-password-file",
  ],
  [/knows a master of the name|No such master with that name/, "see --redis.master-name"],
  [/NOAUTH|WRONGPASS/, "see --redis.username and --redis.password-file"],
  [/NOPERM|The user executing the script|ACL failure/, "docs/operations.md has the rights that are needed"],
  [/DB index is out of range/, "see --redis.database"],
  [/self-signed certificate|unable to (?:get|verify)/, "see --redis.tls-ca-file"],
  [
    /alert (?:unknown ca|bad certificate|handshake failure)|certificate required/,
    "see --redis.tls-cert-file",
  ],
];

/** Where a server that expected something else hangs up, or waits for more. */
const guessed = {
  tls: [
    [/ECONNRESET|disconnected before secure/, "perhaps it wants another --redis.tls-cert-file"],
    [/ETIMEDOUT|wrong version number/, "perhaps it speaks no TLS on that port"],
  ],
  plain: [[/ECONNRESET|Connection is closed/, "perhaps it speaks TLS: see --redis.tls"]],
} as const satisfies Record<string, Advice>;

/**
 * Why a start failed, in one line that names the option to look at where that is known. With the way the connection was
 * tried it is also guessed.
 */
export function startFailureText(error: unknown, transport?: "tls" | "plain"): string {
  const text = failureText(error);
  const advice = transport === undefined ? certain : [...certain, ...guessed[transport]];
  const options = advice.find(([symptom]) => symptom.test(text))?.[1];
  return options === undefined ? text : `${text} (${options})`;
}
