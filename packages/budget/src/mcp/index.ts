export { addBudgetTools, type BudgetMcpOptions } from './add-budget-tools.ts'
