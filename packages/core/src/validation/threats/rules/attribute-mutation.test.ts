import { describe, expect, it } from 'vitest'
import { endsWhatIsAround } from './attribute-mutation.ts'

describe('the value of an attribute', () => {
  it.each([
    '--&gt;&lt;img src=1 onerror=alert(1)&gt;',
    '--&#62; &#60;svg onload=x&gt;',
    '</style><script>',
    '&lt;/noscript&gt;&lt;a href=x&gt;',
  ])('that ends what stands around it and opens a tag is found: %s', (value) => {
    expect(endsWhatIsAround(value)).toBe(true)
  })

  it.each([
    'a --> b',
    'state --&gt; 3 &lt; 4',
    '&lt;!-- note --&gt;&lt;p&gt;Shown as code&lt;/p&gt;',
    '&lt;style&gt;p{}&lt;/style&gt;&lt;p&gt;x&lt;/p&gt;',
    '&lt;b&gt;bold&lt;/b&gt;',
    '',
  ])('that is a text or whole markup is not: %s', (value) => {
    expect(endsWhatIsAround(value)).toBe(false)
  })
})
