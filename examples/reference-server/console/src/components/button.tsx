import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components/Button'
import styles from './button.module.css'

/** How much a button wants to be pressed; `danger` for what cannot be taken back. */
export type ButtonKind = 'plain' | 'primary' | 'quiet' | 'danger'

export interface ButtonProps extends Omit<AriaButtonProps, 'className'> {
  readonly kind?: ButtonKind
  readonly className?: string | undefined
}

/**
 * A button. While what it began is under way it does nothing more, and keeps the focus; the library's own way would
 * announce an element that may be gone by then.
 */
export function Button({ kind = 'plain', className, isPending = false, onPress, ...props }: ButtonProps) {
  return (
    <AriaButton
      {...props}
      {...(onPress === undefined || isPending ? {} : { onPress })}
      data-kind={kind}
      data-pending={isPending || undefined}
      className={`${styles.button} ${className ?? ''}`}
    />
  )
}
