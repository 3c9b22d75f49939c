// Negotiation with every subset of the features: what the device withholds differs by port.
//
// Provokes every fallback, alone and together, between drivers that negotiated differently. Falls: drivers that use a
// feature because it is usually there, or whose paths for two missing features were never run together.
import { PLAIN_PORT, type ScenarioDefinition, pick, plainScenario, send } from './scenario.js';
import { CSUM, GUEST_CSUM, INDIRECT_DESC, MRG_RXBUF } from './withheld.js';

const OPTIONAL = [CSUM, GUEST_CSUM, MRG_RXBUF, INDIRECT_DESC] as const;

/** See the head of this file. */
export const featureSubsets: ScenarioDefinition = {
  id: 'feature-subsets',
  title: 'every subset of the features on either side',
  provokes: 'all fallbacks, alone and together, between ports that negotiated differently',
  weights: { coarse: 4, fine: 2, weak: 1 },
  generate(draw) {
    const port = () => {
      const subset = draw(1 << OPTIONAL.length);
      const withheldFeatures = OPTIONAL.reduce((mask, feature, index) => ((subset >>> index) & 1) === 1 ? (mask | feature) >>> 0 : mask, 0);
      return { ...PLAIN_PORT, withheldFeatures, mac: pick(draw, [null, '02:00:00:00:00:07']) };
    };
    const workload = Array.from({ length: 4 + draw(5) }, (_, turn) =>
      send(20_000 + turn * pick(draw, [300, 900]), turn & 1, pick(draw, [60, 333, 1514]), 1 + draw(2), draw(2) === 1),
    );
    return { ...plainScenario('feature-subsets', workload), queueSize: pick(draw, [2, 4, 8]), ports: [port(), port()] };
  },
};
