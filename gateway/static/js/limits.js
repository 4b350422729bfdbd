// The page's few numbers.

export const AT_ONCE = 2; // uploads; more would only share the same line
export const MAX_TRIES = 4; // of an upload while the service cannot be reached or is busy
export const LINK_LIFETIME = 43_200; // seconds for which the page may play what it has opened
export const MAX_ARCHIVE = 400; // files in one ZIP, as the service has it
export const PAGE = 50; // jobs in one request for the list
export const BUSY_INTERVAL = 1_000; // milliseconds; percents are written once a second
export const IDLE_INTERVAL = 10_000; // milliseconds, while nothing is under way
