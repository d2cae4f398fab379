export type { CentreDatabase, CentreSql, DatabaseHealth } from './centre-database.js';
export { placesFor } from './dialect.js';
export { createPostgresDatabase, databaseName, type PostgresOptions } from './postgres-database.js';
export { createSqliteDatabase, type SqliteOptions } from './sqlite-database.js';
