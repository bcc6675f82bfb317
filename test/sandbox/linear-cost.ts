// What a query costs before it is run: 0.1 for a property, 1 for an object, and a connection multiplies what is inside it
// by `first`, 50 when it is absent. https://linear.app/developers/rate-limiting
import { getNamedType, isCompositeType, isInterfaceType, isObjectType, Kind } from 'graphql'
import type {
  DocumentNode, FieldNode, FragmentDefinitionNode, GraphQLNamedType, GraphQLSchema, SelectionSetNode
} from 'graphql'

export const MOST_COMPLEX = 10_000

export function costOf (schema: GraphQLSchema, document: DocumentNode, variables: Record<string, unknown>): number {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node)
  }

  function ofSelection (selection: SelectionSetNode, type: GraphQLNamedType): number {
    let sum = 0
    for (const node of selection.selections) {
      if (node.kind === Kind.INLINE_FRAGMENT) sum += ofSelection(node.selectionSet, type)
      else if (node.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = fragments.get(node.name.value)
        if (fragment !== undefined) sum += ofSelection(fragment.selectionSet, type)
      } else sum += ofField(node, type)
    }
    return sum
  }

  function ofField (node: FieldNode, parent: GraphQLNamedType): number {
    const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[node.name.value] : undefined
    if (field === undefined) return 0.1             // introspection
    const type = getNamedType(field.type)
    if (!isCompositeType(type) || node.selectionSet === undefined) return 0.1
    const inside = ofSelection(node.selectionSet, type)
    return 1 + (/Connection$|^IssueSearchPayload$/.test(type.name) ? inside * pageSize(node) : inside)
  }

  function pageSize (node: FieldNode): number {
    const value = node.arguments?.find(argument => argument.name.value === 'first')?.value
    if (value?.kind === Kind.INT) return Number(value.value)
    const given = value?.kind === Kind.VARIABLE ? variables[value.name.value] : undefined
    return typeof given === 'number' ? given : 50
  }

  let sum = 0
  for (const node of document.definitions) {
    if (node.kind !== Kind.OPERATION_DEFINITION) continue
    const root = schema.getRootType(node.operation)
    if (root !== undefined && root !== null) sum += ofSelection(node.selectionSet, root)
  }
  return Math.max(1, Math.ceil(sum))
}
