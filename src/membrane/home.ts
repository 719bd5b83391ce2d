import { homedir } from 'node:os'

/** The home folder, or undefined where neither HOME nor passwd names one: node's `homedir` throws then. */
export function homeFolder(): string | undefined {
  try {
    return homedir()
  } catch {
    return undefined
  }
}
