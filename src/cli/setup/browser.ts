import { workingFolder } from '../../config/platform-folders.ts'
import { spawnDetached } from '../../membrane/side-process.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** The program and arguments that open a link; undefined for anything but http(s), and where there is no screen. */
export function openerOf(platform: string, env: Environment, url: string): string[] | undefined {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) return undefined
  const { href } = new URL(url)
  if (platform === 'darwin') return ['/usr/bin/open', href]
  if (platform === 'win32') {
    const system = env['SystemRoot'] ?? env['SYSTEMROOT'] ?? 'C:\\Windows'
    return [`${system}\\System32\\rundll32.exe`, 'url.dll,FileProtocolHandler', href]
  }
  return env['DISPLAY'] || env['WAYLAND_DISPLAY'] ? ['xdg-open', href] : undefined
}

/** Opens a link in the browser, without a shell. Returns whether that could be started. */
export async function openInBrowser(env: Environment, url: string): Promise<boolean> {
  const [command, ...args] = openerOf(process.platform, env, url) ?? []
  if (command === undefined) return false
  const given = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return spawnDetached(
    { command, prefix: [], env: Object.fromEntries(given), cwd: await workingFolder() },
    args,
  )
}
