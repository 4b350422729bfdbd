// What went wrong with a request, in words for a person.

const DEFAULT_WAIT = 5; // seconds

export class Problem extends Error {
  // `status` is 0 when there was no answer; `wait` is the seconds before another try may help,
  // or null when none will.
  constructor(status, message, wait = null) {
    super(message);
    this.status = status;
    this.wait = wait;
  }

  // The message, and when the user may try again by hand.
  get advice() {
    return this.wait ? `${this.message} ${again(this.wait)}` : this.message;
  }
}

export const unreachable = (error) => {
  if (error.name === "AbortError") {
    throw error; // by the user's own hand
  }
  throw problem(0, "", null);
};

// The Problem of a fetch response that is not ok.
export async function problemOf(response) {
  const body = await response.text().catch(() => "");
  return problem(response.status, body, response.headers.get("Retry-After"));
}

export function problem(status, body, retryAfter) {
  const seconds = Number.parseInt(retryAfter ?? "", 10) || DEFAULT_WAIT;
  const again = [0, 408, 429, 503].includes(status);
  const { code, detail } = read(body);
  return new Problem(status, words(status, code, sentence(detail)), again ? seconds : null);
}

// The service's errors are problem details (RFC 9457); a proxy in front of it may say anything.
function read(body) {
  try {
    const { code = "", detail = "" } = JSON.parse(body);
    return { code, detail: String(detail) };
  } catch {
    return { code: "", detail: body };
  }
}

function words(status, code, detail) {
  switch (status) {
    case 0:
      return "The service cannot be reached. Is this device online?";
    case 400:
      return `The service did not take it: ${detail}`;
    case 401:
      return "Email or password is wrong.";
    case 404:
      return "It is no longer there.";
    case 403:
    case 408:
    case 409:
    case 410:
      return detail;
    case 413:
      return code === "quota_exceeded"
        ? "There is no space left for it. Please delete files that you no longer need."
        : "The file is larger than this service takes.";
    case 429:
      return code === "too_many_jobs"
        ? "You have as many conversions under way as this service allows."
        : "Too many wrong passwords.";
    case 503:
      return "The service is busy or being restarted.";
    default:
      return `The service had a problem of its own (${status}).`;
  }
}

function again(seconds) {
  const minutes = Math.ceil(seconds / 60);
  return minutes > 1 ? `Please try again in ${minutes} minutes.` : "Please try again.";
}

function sentence(detail) {
  const text = detail.trim();
  return text && !/[.!?]$/.test(text) ? `${text}.` : text;
}
