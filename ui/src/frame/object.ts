// A 3-D object: point clouds and lidar scenes of the SDK (.pts.json), glTF, OBJ and STL.
import * as three from 'three';
import { OrbitControls } from 'three/addons/controls/OrbitControls.js';
import { GLTFLoader } from 'three/addons/loaders/GLTFLoader.js';
import { OBJLoader } from 'three/addons/loaders/OBJLoader.js';
import { STLLoader } from 'three/addons/loaders/STLLoader.js';
import { cloudOf, type Cloud } from './cloud';
import { listen, root, warn, type Drawing } from './talk';

type Stage = { renderer: three.WebGLRenderer; camera: three.PerspectiveCamera; controls: OrbitControls; scene: three.Scene };
let stage: Stage | null = null;

function open(d: Drawing): Stage {
  let renderer: three.WebGLRenderer;
  try {
    renderer = new three.WebGLRenderer({ antialias: true, alpha: true, preserveDrawingBuffer: true });
  } catch {
    throw new Error('This browser has no WebGL, which 3-D objects need.');
  }
  renderer.setPixelRatio(devicePixelRatio);
  root().replaceChildren(renderer.domElement);
  const camera = new three.PerspectiveCamera(45, 1, 0.001, 1e7);
  const controls = new OrbitControls(camera, renderer.domElement);
  const s = { renderer, camera, controls, scene: new three.Scene() };
  controls.addEventListener('change', () => renderer.render(s.scene, camera));
  resize(s, d.width, d.height);
  return s;
}

function resize(s: Stage, w: number, h: number): void {
  s.renderer.setSize(w, h);
  s.camera.aspect = w / Math.max(1, h);
  s.camera.updateProjectionMatrix();
  s.renderer.render(s.scene, s.camera);
}

async function draw(d: Drawing): Promise<void> {
  stage ??= open(d);
  const s = stage;
  s.scene.clear();
  s.scene.add(new three.HemisphereLight(0xffffff, 0x666677, 2.2));
  const sun = new three.DirectionalLight(0xffffff, 1.6);
  sun.position.set(1, 2, 3);
  s.scene.add(sun);
  const object = await load(String(d.format), d.bytes as ArrayBuffer, String(d.ink));
  s.scene.add(object);
  const box = new three.Box3().setFromObject(object);
  if (box.isEmpty()) throw new Error('The file holds nothing to show.');
  const centre = box.getCenter(new three.Vector3()), size = box.getSize(new three.Vector3()).length() || 1;
  s.controls.target.copy(centre);
  s.camera.position.copy(centre).add(new three.Vector3(0.5, 0.4, 0.9).multiplyScalar(size * 1.1));
  s.camera.near = size / 1000;
  s.camera.far = size * 100;
  resize(s, d.width, d.height);
  s.controls.update();
}

async function load(format: string, bytes: ArrayBuffer, ink: string): Promise<three.Object3D> {
  const text = () => new TextDecoder().decode(bytes);
  switch (format) {
    case 'pts.json':
      return cloud(cloudOf(text()), ink);
    case 'obj':
      return coated(new OBJLoader().parse(text()));
    case 'stl':
      return coated(new three.Mesh(new STLLoader().parse(bytes)));
    case 'glb':
    case 'gltf':
      return (await new GLTFLoader().parseAsync(format === 'glb' ? bytes : text(), '')).scene;
  }
  throw new Error(`An object in the form "${format}" cannot be shown. Download it instead.`);
}

function coated(o: three.Object3D): three.Object3D {
  const material = new three.MeshStandardMaterial({ color: 0x8899bb, roughness: 0.7, side: three.DoubleSide });
  o.traverse((m) => {
    if (m instanceof three.Mesh) m.material = material;
  });
  return o;
}

function cloud(c: Cloud, ink: string): three.Object3D {
  const group = new three.Group();
  const g = new three.BufferGeometry();
  g.setAttribute('position', new three.BufferAttribute(c.xyz, 3));
  if (c.rgb) g.setAttribute('color', new three.BufferAttribute(c.rgb, 3));
  group.add(new three.Points(g, new three.PointsMaterial({ size: 2.5, sizeAttenuation: false, ...(c.rgb ? { vertexColors: true } : { color: ink }) })));
  for (const line of c.lines) {
    const lg = new three.BufferGeometry();
    lg.setAttribute('position', new three.BufferAttribute(line.xyz, 3));
    group.add(new three.LineSegments(lg, new three.LineBasicMaterial({ color: line.colour })));
  }
  if (c.dropped) warn(`${c.dropped.toLocaleString('en-US')} points without a place were left out.`);
  return group;
}

listen({
  draw,
  size: (w, h) => stage && resize(stage, w, h),
  ask: () => {
    if (!stage) return Promise.reject(new Error('Nothing is drawn yet.'));
    return Promise.resolve(stage.renderer.domElement.toDataURL('image/png'));
  },
});
