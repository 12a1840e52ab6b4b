// A flat sheet of ground for a map without tiles: degrees to pixels and back, what fits, what is even. No element here.

/** As `cameras.footage.area` reckons: the sizes a page tells are those the server judges by. */
const METRES_PER_DEGREE = 111_200;
const NEAREST = 0.2; // metres a pixel
const FARTHEST = 60;
const EVEN = [10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000]; // metres
const radians = (degrees) => (degrees * Math.PI) / 180;

/** km² of the upright rectangle around corners of [latitude, longitude]. */
export function extentKm2(corners) {
  const [latitudes, longitudes] = [corners.map(([lat]) => lat), corners.map(([, lon]) => lon)];
  const [south, north, west, east] = [
    Math.min(...latitudes), Math.max(...latitudes), Math.min(...longitudes), Math.max(...longitudes),
  ];
  const wide = (east - west) * METRES_PER_DEGREE * Math.cos(radians((north + south) / 2));
  return ((north - south) * METRES_PER_DEGREE * wide) / 1e6;
}

/** Five digits are a metre: nobody draws finer with a finger. */
export const rounded = ([latitude, longitude]) => [Number(latitude.toFixed(5)), Number(longitude.toFixed(5))];

export class Sheet {
  constructor() {
    this.width = this.height = 1;
    this.look([0, 0], 5);
  }

  /** Put `middle` ([latitude, longitude]) into the middle; metres are counted from there on. */
  look(middle, metresAPixel = this.scale) {
    this.origin = middle;
    this.x = this.y = 0; // metres from the origin to the middle of the sheet, east and north
    this.scale = metresAPixel;
  }

  /** Show all `points`, and `least` metres at any rate. */
  fit(points, least) {
    const [latitudes, longitudes] = [points.map(([lat]) => lat), points.map(([, lon]) => lon)];
    const middle = [latitudes, longitudes].map((all) => (Math.min(...all) + Math.max(...all)) / 2);
    this.look(middle);
    const far = points.map((point) => this.metres(point));
    const [wide, high] = [0, 1].map((way) => Math.max(least, 2.6 * Math.max(...far.map((at) => Math.abs(at[way])))));
    this.scale = within(Math.max(wide / this.width, high / this.height));
  }

  metres([latitude, longitude]) {
    const east = (longitude - this.origin[1]) * METRES_PER_DEGREE * Math.cos(radians(this.origin[0]));
    return [east, (latitude - this.origin[0]) * METRES_PER_DEGREE];
  }

  /** Pixels from the upper left corner. */
  at(point) {
    return this.pixel(this.metres(point));
  }

  pixel([east, north]) {
    return [this.width / 2 + (east - this.x) / this.scale, this.height / 2 - (north - this.y) / this.scale];
  }

  /** [latitude, longitude] of a pixel. */
  point([left, top]) {
    const east = this.x + (left - this.width / 2) * this.scale;
    const north = this.y - (top - this.height / 2) * this.scale;
    return [
      this.origin[0] + north / METRES_PER_DEGREE,
      this.origin[1] + east / (METRES_PER_DEGREE * Math.cos(radians(this.origin[0]))),
    ];
  }

  pan(right, down) {
    this.x -= right * this.scale;
    this.y += down * this.scale;
  }

  /** `factor` above 1 comes nearer; what lies under the pixel stays there. */
  zoom(factor, [left, top] = [this.width / 2, this.height / 2]) {
    const [right, down] = [left - this.width / 2, top - this.height / 2];
    const scale = within(this.scale / factor);
    this.x += right * (this.scale - scale);
    this.y -= down * (this.scale - scale);
    this.scale = scale;
  }

  /** The shortest even length, in metres, that is no narrower than `pixels`. */
  even(pixels) {
    return EVEN.find((metres) => metres / this.scale >= pixels) ?? EVEN.at(-1);
  }

  /** Pixels of the lines of a grid that stands still on the ground: upright ones, then level ones. */
  lines(step) {
    const edges = [[this.x, this.width], [this.y, this.height]].map(
      ([middle, pixels]) => [middle - (pixels / 2) * this.scale, middle + (pixels / 2) * this.scale],
    );
    return edges.map(([from, to], way) => {
      const found = [];
      for (let line = Math.ceil(from / step) * step; line <= to; line += step) {
        found.push(this.pixel(way ? [0, line] : [line, 0])[way]);
      }
      return found;
    });
  }
}

const within = (scale) => Math.min(FARTHEST, Math.max(NEAREST, scale));
