import type { Json } from '../json.ts'

/** How one kind of config file is read and edited. Each function throws ConfigFileError where the file is broken. */
export interface EntryFormat {
  /** What an empty file stands for. */
  empty: string
  read(text: string): Json
  put(text: string, parent: string, name: string, entry: Json): string
  remove(text: string, parent: string, name: string): string
}
