/** The types of keys that hold a stored table. */
export const isTable = (type: string): boolean => /^media:((incremental|joined|partitioned)-)?table(-file)?$/.test(type);
