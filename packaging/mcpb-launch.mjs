/**
 * Starts the server from a Claude Desktop bundle. A host fills the settings of the bundle into `name=value` arguments
 * and leaves the placeholder of one that was left blank as it is; environment variables do not always arrive.
 */
import { join } from 'node:path'

/** The flags that `name=value` arguments stand for. */
export function flagsOf(settings) {
  return settings.flatMap((setting) => {
    const [, name, value] = /^([a-z-]+)=(.*)$/s.exec(setting) ?? []
    if (name === undefined || value === '' || value === 'false' || /^\$\{user_config\.\w+\}$/.test(value))
      return []
    return value === 'true' ? [`--${name}`] : [`--${name}=${value}`]
  })
}

const main = join(import.meta.dirname, 'dist', 'main.js')
if (process.argv[1]?.endsWith('launch.mjs')) {
  process.argv = [process.argv[0], main, ...flagsOf(process.argv.slice(2))]
  await import('./dist/main.js')
}
