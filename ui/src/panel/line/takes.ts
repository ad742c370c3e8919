/** The types of keys that can be drawn as lines. */
export const isNumber = (type: string): boolean => type === 'number' || type === 'bool' || type === 'boolean';
