import {
  LegendDisplayMode,
  LegendPlacement,
  VizLegendOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import type { Panel, Threshold, ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard'
import {
  DashboardBuilder,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  MappingType,
  QueryVariableBuilder,
  RowBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as StatesBuilder } from '@grafana/grafana-foundation-sdk/statetimeline'
import { PanelBuilder as LinesBuilder } from '@grafana/grafana-foundation-sdk/timeseries'
import type { Choice, DashboardPlan, PanelPlan, Query } from './dashboard-plan.ts'

const TAG = 'golden-architecture'
/** The reader's choice of a Prometheus. */
const DATASOURCE = { type: 'prometheus', uid: '$datasource' }
const STATE_COLOURS = ['green', 'orange', 'red']
const STATE_NAMES = ['closed', 'half-open', 'open']

/** The JSON of a dashboard, as Grafana is given it in a file. */
export function dashboardJson(plan: DashboardPlan): string {
  const builder = new DashboardBuilder(`Golden Architecture: ${plan.title}`)
    .uid(`golden-${plan.name}`)
    .description(plan.description)
    .tags([TAG])
    .time({ from: 'now-3h', to: 'now' })
    .timezone('browser')
    .refresh('30s')
    .link(
      new DashboardLinkBuilder('Golden Architecture')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .asDropdown(true),
    )
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'))
  for (const choice of plan.choices ?? []) builder.withVariable(choiceVariable(choice))
  let id = 0
  for (const row of plan.rows) {
    builder.withRow(new RowBuilder(row.title).id(++id))
    for (const panel of row.panels) {
      const built = { ...panelOf(panel), id: ++id }
      builder.withPanel({ build: () => built })
    }
  }
  return `${withShortLists(JSON.stringify(builder.build(), null, 2))}\n`
}

/** Lists of plain values on one line, as the formatter of this repository writes them. */
function withShortLists(json: string): string {
  return json.replaceAll(/\[\n\s+([^[\]{}]+?)\n\s+\]/g, (_list, values: string) => {
    return `[${values.replaceAll(/,\n\s+/g, ', ')}]`
  })
}

function choiceVariable({ name, label, series }: Choice): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATASOURCE)
    .query(`label_values(${series}, ${name})`)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
}

function panelOf(plan: PanelPlan): Panel {
  if (plan.kind === 'stat') return dress(new StatBuilder().span(4).height(4), plan).build()
  if (plan.kind === 'states') {
    return dress(new StatesBuilder().span(24).height(8), plan).mappings([STATES]).build()
  }
  const legend = new VizLegendOptionsBuilder()
    .showLegend(true)
    .displayMode(LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom)
  const panel = new LinesBuilder().span(8).height(8).fillOpacity(10).axisSoftMin(0).legend(legend)
  return dress(panel, plan).build()
}

/** What all panels have. */
function dress<Builder extends StatBuilder | StatesBuilder | LinesBuilder>(
  panel: Builder,
  plan: PanelPlan,
): Builder {
  panel.title(plan.title).datasource(DATASOURCE).unit(plan.unit).thresholds(thresholdsOf(plan))
  if (plan.description !== undefined) panel.description(plan.description)
  for (const [index, query] of plan.queries.entries()) panel.withTarget(targetOf(query, index))
  return panel
}

function targetOf({ expr, legend }: Query, index: number): DataqueryBuilder {
  const refId = String.fromCharCode('A'.charCodeAt(0) + index)
  return new DataqueryBuilder().datasource(DATASOURCE).expr(expr).legendFormat(legend).refId(refId)
}

function thresholdsOf({ badFrom, badBelow }: PanelPlan): ThresholdsConfigBuilder {
  // The first step has no lower end.
  const steps: Threshold[] =
    badBelow === undefined
      ? [
          { value: null, color: 'green' },
          ...(badFrom === undefined ? [] : [{ value: badFrom, color: 'red' }]),
        ]
      : [
          { value: null, color: 'red' },
          { value: badBelow, color: 'green' },
        ]
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps)
}

const STATES: ValueMapping = {
  type: MappingType.ValueToText,
  options: Object.fromEntries(
    STATE_NAMES.map((text, index) => [String(index), { text, color: STATE_COLOURS[index] ?? 'text', index }]),
  ),
}
