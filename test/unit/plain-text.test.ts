import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { httpsLink } from '../../src/text/https-link.ts'
import { plainText } from '../../src/text/plain-text.ts'

describe('the plain text of HTML', () => {
  it.each([
    ['<p>One</p><p>Two<br/>three</p>', 'One\n\nTwo\nthree'],
    ['<ul><li>a</li><li class="x">b</li></ul>', '- a\n- b'],
    [
      '1 &lt; 2 &amp;&amp; 3&nbsp;&gt;&#32;2 &#x41; &yen; &#0; &#xD800;',
      '1 < 2 && 3 > 2 A &yen; &#0; &#xD800;',
    ],
    ['a < b and c > d', 'a < b and c > d'],
    ['<script>alert(1)</script>x<style>p{}', 'x'],
    ['x<!-- y -->z<!-- never closed', 'xz'],
    ['&amp;lt;b&amp;gt;', '&lt;b&gt;'],
    ['Don&rsquo;t wait&hellip;', 'Don’t wait…'],
    ['Write to <support@a.example>, if x <y and z> 3', 'Write to <support@a.example>, if x <y and z> 3'],
    ['<a class="x" href="https://a.example/reset">here</a>', 'here (https://a.example/reset)'],
    ['<a href="https://a.example/">https://a.example/</a>', 'https://a.example/'],
    ['<a href="javascript:alert(1)">here</a>', 'here'],
  ])('%j is %j', (html, text) => {
    expect(plainText(html)).toBe(text)
  })

  it('keeps words, and no tag', () => {
    const word = fc.stringMatching(/^[a-z]{1,8}$/)
    const tag = fc.constantFrom('p', 'b', 'div', 'a href="/help"', 'li', 'h2')
    fc.assert(
      fc.property(fc.array(fc.tuple(tag, word)), (parts) => {
        const html = parts.map(([name, text]) => `<${name}> ${text} </${name.split(' ')[0]}>`).join('')
        expect(plainText(html).match(/[a-z]+/g) ?? []).toEqual(parts.map(([, text]) => text))
      }),
    )
  })

  it.each(['<a', '<a href=', '<a href=https:x>', '<script', '<!--', '<li ', '&#', '<p><'])(
    'reads many %s in linear time',
    { timeout: 5000 },
    (part) => {
      expect(plainText(part.repeat(100_000)).length).toBeLessThanOrEqual(100_000)
    },
  )
})

describe('a link', () => {
  it.each([
    ['https://files.example/a%20b.pdf?x=1', 'https://files.example/a%20b.pdf?x=1'],
    ['https://files.example/a b', 'https://files.example/a%20b'],
    ['https://files.example/a\u202eb', undefined],
    ['http://files.example/a', undefined],
    ['javascript:alert(1)', undefined],
    ['https://user:pass@files.example/a', undefined],
    ['/v1/attachments/1', undefined],
    [`https://files.example/${'x'.repeat(3000)}`, undefined],
    [{ href: 'https://files.example' }, undefined],
  ])('%j is %j', (given, link) => {
    expect(httpsLink(given)).toBe(link)
  })
})
