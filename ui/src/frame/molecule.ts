// A molecule: PDB, mmCIF, SDF, MOL2, XYZ, PQR and their like, as ribbons where it has residues, else sticks.
import url from '3dmol/build/3Dmol-min.js?url';
import { library } from './script';
import { listen, root, type Drawing } from './talk';

type Viewer = { addModel: (t: string, f: string) => { selectedAtoms: (s: object) => unknown[] }; setStyle: (sel: object, style: object) => void; zoomTo: () => void; render: () => void; resize: () => void; setBackgroundColor: (c: string, a: number) => void; clear: () => void };
let viewer: Viewer | null = null;

const FORMATS: Record<string, string> = { pdb: 'pdb', pqr: 'pqr', cif: 'cif', mcif: 'cif', mmcif: 'cif', sdf: 'sdf', sd: 'sdf', mol2: 'mol2', gro: 'gro', xyz: 'xyz' };

listen({
  draw: async (d: Drawing) => {
    const format = FORMATS[String(d.format)];
    if (!format) throw new Error(`A molecule in the form "${String(d.format)}" cannot be shown. Download it instead.`);
    viewer ??= (await library<{ createViewer: (el: HTMLElement, o: object) => Viewer | null }>(url, '$3Dmol')).createViewer(root(), { backgroundAlpha: 0, antialias: true });
    if (!viewer) throw new Error('This browser has no WebGL, which molecules need.');
    viewer.clear();
    const model = viewer.addModel(String(d.text), format);
    if (!model || model.selectedAtoms({}).length === 0) throw new Error('The file holds no atom.');
    viewer.setStyle({}, { stick: { radius: 0.15 }, sphere: { scale: 0.25 } });
    viewer.setStyle({ atom: 'CA' }, { cartoon: { color: 'spectrum' }, stick: { radius: 0.15 }, sphere: { scale: 0.25 } });
    viewer.setBackgroundColor('black', 0);
    viewer.zoomTo();
    viewer.render();
  },
  size: () => viewer?.resize(),
});
