import { invalidOption } from '@golden-arch/testkit/options'
import sanitizeHtml from 'sanitize-html'
import { describe, expect, it } from 'vitest'
import { htmlSanitizer } from './html-sanitizer.ts'

const sanitize = htmlSanitizer(sanitizeHtml)
const LINK = 'rel="noopener noreferrer nofollow ugc" target="_blank"'

describe('htmlSanitizer', () => {
  it.each([
    ['<script>alert(1)</script>ok', 'ok'],
    ['<scr<script>ipt>alert(1)</scr</script>ipt>', null],
    ['<img src=x onerror=alert(1)>', ''],
    ['<p onclick="alert(1)" id="x" class="y" style="color:red">ok</p>', '<p>ok</p>'],
    ['<a href="javascript:alert(1)">x</a>', `<a ${LINK}>x</a>`],
    ['<a href="java\tscript:alert(1)">x</a>', `<a ${LINK}>x</a>`],
    ['<a href="//evil.example/">x</a>', `<a ${LINK}>x</a>`],
    ['<a href="data:text/html,x">x</a>', `<a ${LINK}>x</a>`],
    ['<iframe src="https://evil.example"></iframe><form action="/x"><input></form>', ''],
    ['<svg><script>alert(1)</script></svg><math><mtext></mtext></math>', ''],
    ['<style>*{background:url(https://evil.example)}</style>', ''],
  ])('takes what acts out of %j', (html, expected) => {
    const safe = sanitize(html)
    if (expected !== null) expect(safe).toBe(expected)
    expect(safe).not.toMatch(/<(?:script|img|iframe|svg|style|form)|\son\w+=|javascript:/i)
  })

  it('keeps formatting, lists, tables and links', () => {
    const html =
      '<h2>A</h2><p>b <strong>c</strong> <code>d</code></p><ul><li>e</li></ul><table><tr><td colspan="2">f</td></tr></table>'
    expect(sanitize(html)).toBe(html)
    expect(sanitize('<a href="https://example.org/x?a=1">x</a>')).toBe(
      `<a href="https://example.org/x?a=1" ${LINK}>x</a>`,
    )
  })

  it('images and links lead only to the hosts that are named, as a browser reads them', () => {
    const strict = htmlSanitizer(sanitizeHtml, { linkHosts: ['docs.example'], imageHosts: ['img.example'] })
    expect(strict('<img src="https://img.example/a.png" alt="a">')).toBe(
      '<img src="https://img.example/a.png" alt="a" />',
    )
    for (const address of [
      'http://img.example/a',
      'https://evil.example/?img.example',
      'https://img.example@evil.example/',
      'https://img.example.evil.example/',
      'https:\\\\evil.example/',
      '/a.png',
      'data:image/png;base64,AA',
    ]) {
      expect(strict(`<img src="${address}">`)).toBe('')
    }
    expect(strict('<a href="https://docs.example/a">x</a>')).toContain('href="https://docs.example/a"')
    expect(strict('<a href="https://evil.example/docs.example">x</a>')).toBe(`<a ${LINK}>x</a>`)
  })

  it('is bounded', () => {
    const small = htmlSanitizer(sanitizeHtml, { maxCharacters: 10, maxDepth: 2 })
    expect(() => small('x'.repeat(11))).toThrow(
      expect.objectContaining({ code: 'TEXT_NOT_ENCODABLE', message: 'HTML must be at most 10 characters' }),
    )
    expect(() => htmlSanitizer(sanitizeHtml, { maxDepth: 0 })).toThrow(invalidOption('maxDepth'))
    for (const host of ['https://a.example', 'A.example', 'a.example:80', '']) {
      expect(() => htmlSanitizer(sanitizeHtml, { imageHosts: [host] })).toThrow(
        invalidOption('imageHosts', 'host names in lower case without port, path or scheme'),
      )
    }
  })
})
