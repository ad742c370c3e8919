/** The types of keys that hold a stored table. */
export const isTable = (type: string): boolean => /^media:(incremental-)?table(-file)?$/.test(type);
