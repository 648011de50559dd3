import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components/Button'
import styles from './button.module.css'

/** How much a button wants to be pressed; `danger` for what cannot be taken back. */
export type ButtonKind = 'plain' | 'primary' | 'quiet' | 'danger'

export interface ButtonProps extends Omit<AriaButtonProps, 'className'> {
  readonly kind?: ButtonKind
  readonly className?: string | undefined
}

/** A button. */
export function Button({ kind = 'plain', className, ...props }: ButtonProps) {
  return <AriaButton {...props} data-kind={kind} className={`${styles.button} ${className ?? ''}`} />
}
