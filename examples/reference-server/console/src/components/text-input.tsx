import { Input } from 'react-aria-components/Input'
import { Label } from 'react-aria-components/Label'
import { Text } from 'react-aria-components/Text'
import { TextArea } from 'react-aria-components/TextArea'
import { TextField, type TextFieldProps } from 'react-aria-components/TextField'
import styles from './text-input.module.css'

export interface TextInputProps extends Omit<TextFieldProps, 'className' | 'children'> {
  readonly label: string
  readonly description?: string
  /** Whether several lines may be written. */
  readonly isLong?: boolean
}

/** A text that somebody types. */
export function TextInput({ label, description, isLong = false, ...props }: TextInputProps) {
  return (
    <TextField {...props} className={styles.field ?? ''}>
      <Label>{label}</Label>
      {isLong ? (
        <TextArea className={styles.input ?? ''} rows={3} />
      ) : (
        <Input className={styles.input ?? ''} />
      )}
      {description !== undefined && (
        <Text slot="description" className={styles.description ?? ''}>
          {description}
        </Text>
      )}
    </TextField>
  )
}
