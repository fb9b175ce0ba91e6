export const terminalLimits = {
  /** Terminals of one service: a city with twenty wards and twenty-five counters in each. */
  perService: 500,
  /** From the creation to the pairing: IT staff carry the code to the machine. */
  pairingMs: 3_600_000,
} as const;
