/** A config file that cannot be edited and is left unchanged. The message says why, without the name of the file. */
export class ConfigFileError extends Error {}
