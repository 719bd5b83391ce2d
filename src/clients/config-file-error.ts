/** A file that our entry cannot be put into or taken out of; it is left as it is. The message says why, without its name. */
export class ConfigFileError extends Error {}
