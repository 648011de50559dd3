import { useState } from 'react'
import { Choice } from '../components/choice.tsx'
import { applyScheme, readScheme, type Scheme } from './scheme.ts'

const SCHEMES: readonly { readonly id: Scheme; readonly name: string }[] = [
  { id: 'system', name: 'System' },
  { id: 'dark', name: 'Dark' },
  { id: 'light', name: 'Light' },
]

/** Chooses between dark, light, and what the device says. */
export function SchemeSwitch() {
  const [scheme, setScheme] = useState(readScheme)
  return (
    <Choice
      label="Colours"
      isLabelHidden
      options={SCHEMES}
      chosen={scheme}
      onChoose={(wanted) => {
        applyScheme(wanted)
        setScheme(wanted)
      }}
    />
  )
}
