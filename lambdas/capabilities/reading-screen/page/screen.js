// The reading screen: between the system that opens it, the reader program on this machine, and staff,
// or the holder at a kiosk. The PIN goes from here to the reader program only.
import { runCounter } from './counter.js';
import { runKiosk } from './kiosk.js';
import { firstTicket, isKiosk } from './page-data.js';

void (isKiosk ? runKiosk(firstTicket) : runCounter(firstTicket));
