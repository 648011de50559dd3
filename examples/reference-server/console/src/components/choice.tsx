import { Button } from 'react-aria-components/Button'
import { Label } from 'react-aria-components/Label'
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox'
import { Popover } from 'react-aria-components/Popover'
import { Select, SelectValue } from 'react-aria-components/Select'
import styles from './choice.module.css'

export interface ChoiceProps<Id extends string> {
  readonly label: string
  /** Whether the label is for those alone who do not see where it stands. */
  readonly isLabelHidden?: boolean
  readonly options: readonly { readonly id: Id; readonly name: string }[]
  readonly chosen: Id
  readonly onChoose: (id: Id) => void
}

/** One of a few. */
export function Choice<Id extends string>({
  label,
  isLabelHidden,
  options,
  chosen,
  onChoose,
}: ChoiceProps<Id>) {
  return (
    <Select
      className={styles.choice ?? ''}
      {...(isLabelHidden === true ? { 'aria-label': label } : {})}
      value={chosen}
      onChange={(key) => {
        const option = options.find(({ id }) => id === key)
        if (option !== undefined) onChoose(option.id)
      }}
    >
      {isLabelHidden !== true && <Label>{label}</Label>}
      <Button className={styles.button ?? ''}>
        <SelectValue />
        <span aria-hidden="true" className={styles.arrow}>
          ▾
        </span>
      </Button>
      <Popover className={styles.popover ?? ''}>
        <ListBox items={options} className={styles.list ?? ''}>
          {({ id, name }) => (
            <ListBoxItem id={id} textValue={name} className={styles.item ?? ''}>
              {name}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </Select>
  )
}
