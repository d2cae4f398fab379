import type { DurableDatabase } from '../platform/database/sqlite.js';

/** What a command has set of a rule, in place of what the config says. `null`: as the config says. */
export interface RuleSetting {
  readonly cameraId: string;
  readonly rule: string;
  readonly enabled: boolean | null;
  readonly sensitivity: 'low' | 'normal' | 'high' | null;
}

/** What commands leave behind. Each writing call is one transaction that is on the disk when it returns. */
export interface Orders {
  ruleSettings(): readonly RuleSetting[];
  /** Keeps a setting in place of what was set before; one that says nothing is forgotten. */
  keepRuleSetting(setting: RuleSetting): void;
  /** Takes a nonce once: false when it had been taken. Those taken before `forgetBeforeMs` are forgotten. */
  takeNonce(nonce: string, takenAtMs: number, forgetBeforeMs: number): boolean;
}

interface SettingRow {
  readonly cameraId: string;
  readonly rule: string;
  readonly enabled: number | null;
  readonly sensitivity: RuleSetting['sensitivity'];
}

export function createOrders(database: DurableDatabase): Orders {
  return {
    ruleSettings: () =>
      database.read((sql) =>
        sql
          .all<SettingRow>('SELECT camera AS cameraId, rule, enabled, sensitivity FROM rule_setting ORDER BY camera, rule')
          .map((row) => ({ ...row, enabled: row.enabled === null ? null : row.enabled === 1 })),
      ),
    keepRuleSetting({ cameraId, rule, enabled, sensitivity }) {
      database.write((sql) => {
        if (enabled === null && sensitivity === null) {
          sql.run('DELETE FROM rule_setting WHERE camera = ? AND rule = ?', cameraId, rule);
          return;
        }
        sql.run(
          `INSERT INTO rule_setting (camera, rule, enabled, sensitivity) VALUES (?, ?, ?, ?)
           ON CONFLICT (camera, rule) DO UPDATE SET enabled = excluded.enabled, sensitivity = excluded.sensitivity`,
          cameraId,
          rule,
          enabled === null ? null : Number(enabled),
          sensitivity,
        );
      });
    },
    takeNonce: (nonce, takenAtMs, forgetBeforeMs) =>
      database.write((sql) => {
        sql.run('DELETE FROM nonce WHERE taken_at_ms < ?', Math.round(forgetBeforeMs));
        return sql.run('INSERT OR IGNORE INTO nonce (nonce, taken_at_ms) VALUES (?, ?)', nonce, Math.round(takenAtMs)).changes === 1;
      }),
  };
}
