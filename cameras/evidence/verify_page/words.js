// Every sentence twice: Vietnamese, and the English that verify.py says.

const MANIFEST = "manifest.json";
const SIGNATURE = "manifest.sig";
const KEY = "key.pub";
const FORMAT = "matpho-evidence/1";

/** What was found wrong when the package was made, as the manifest says it. */
const PACKED_FAULTS = {
  "changed since it was recorded": "đã thay đổi từ khi ghi",
  "no longer on the disk": "không còn trên ổ đĩa",
  "its journal is not the one the database knows": "sổ ghi không phải là sổ mà cơ sở dữ liệu biết",
  "its init segment has changed": "phần đầu đã thay đổi",
};

/** Why there is no time stamp though one was wanted, as the manifest says it. */
const NO_STAMP = {
  no_answer: ["không trả lời", "did not answer"],
  refused: ["từ chối", "refused"],
  wrong_answer: ["trả lời điều khác", "answered something else"],
  not_set_up: ["chưa được cài đặt", "was not set up"],
};

const PARTS = { head: ["phần mở tệp", "head"], init: ["phần đầu", "init"], tail: ["phần cuối", "tail"] };
const fragmentOf = (slice, number) => [`đoạn ghi ${slice}, mảnh ${number}`, `slice ${slice}, fragment ${number}`];
const journalOf = (name, slice) => [`${name}, đoạn ghi ${slice}`, `${name}, slice ${slice}`];

const FAULTS = {
  sealedMissing: (name) => [`${name}: thiếu hoặc không đọc được`, `${name} is missing or cannot be read`],
  noKey: () => [`${KEY}: không phải khoá công khai Ed25519`, `${KEY}: is no Ed25519 public key`],
  signature: () => [
    `${SIGNATURE}: không phải chữ ký của ${MANIFEST} này bằng ${KEY} này: một trong ba tệp đã bị sửa`,
    `${SIGNATURE}: is not the signature of this ${MANIFEST} by this ${KEY}: one of the three was changed`,
  ],
  format: (format) => [
    `${MANIFEST}: định dạng ${format}, chương trình này biết ${FORMAT}`,
    `${MANIFEST}: format ${format}, this program knows ${FORMAT}`,
  ],
  nonsense: (why) => [
    `${MANIFEST}: không ghi những gì phải ghi (${why})`,
    `${MANIFEST}: does not say what it should (${why})`,
  ],
  twice: (name) => [`${name}: có hai lần trong gói`, `${name}: stands twice in the package`],
  stranger: (name) => [`${name}: không thuộc gói này`, `${name}: does not belong to this package`],
  missing: (name, bytes) => [`${name}: thiếu (${bytes} byte)`, `${name} is missing (${bytes} bytes)`],
  twoThings: (path) => [`${MANIFEST}: ghi hai điều khác nhau về ${path}`, `${MANIFEST}: says two things of ${path}`],
  unnamed: (path) => [`${MANIFEST}: không kê ${path}`, `${MANIFEST}: does not name ${path}`],
  unreadable: (name, why) => [`${name}: không đọc được trọn vẹn (${why})`, `${name}: cannot be read whole (${why})`],
  size: (name, bytes, said) => [
    `${name}: có ${bytes} byte thay vì ${said}`,
    `${name}: has ${bytes} bytes instead of ${said}`,
  ],
  changed: (name) => [
    `${name}: đã bị sửa (chỉ biết mã băm của cả tệp)`,
    `${name}: was changed (all that is known is the whole file's hash)`,
  ],
  ends: (name, at, what) => [
    `${name}: hết ở byte ${at}, trong ${what[0]}: thiếu phần còn lại`,
    `${name}: ends at byte ${at}, in ${what[1]}: the rest is missing`,
  ],
  part: (name, from, to, what) => [
    `${name}, byte ${from}-${to} (${what[0]}): không phải những gì đã đóng gói`,
    `${name}, bytes ${from}-${to} (${what[1]}): not what was packed`,
  ],
  begins: (name, slice, at, said) => [
    `${name}: đoạn ghi ${slice} bắt đầu ở ${at} chứ không phải ở ${said}`,
    `${name}: slice ${slice} begins at ${at} and not at ${said}`,
  ],
  noJournal: (what) => [`${what[0]}: không có trong sổ ghi nào`, `${what[1]}: stands in no journal`],
  faulty: (name) => [`${name}: đã bị sửa ở chỗ vốn đã sai`, `${name}: was changed where it was faulty already`],
  init: (path) => [`${path}: phần đầu không phải của máy ghi`, `${path}: its init segment is not the recorder's`],
  time: (said, path, journal) => [
    `${MANIFEST}: ghi ${said} cho ${path}, sổ ghi của nó ghi ${journal}`,
    `${MANIFEST}: says ${said} of ${path}, its journal ${journal}`,
  ],
  header: (where) => [`${where[0]}: phần đầu sổ ghi bị hỏng`, `${where[1]}: the journal's header is damaged`],
  otherSlice: (where) => [`${where[0]}: là sổ ghi của đoạn khác`, `${where[1]}: is the journal of another slice`],
  record: (where, number, at) => [
    `${where[0]}, bản ghi ${number} (byte ${at}): bị hỏng`,
    `${where[1]}, record ${number} (byte ${at}): is damaged`,
  ],
  root: (where) => [`${where[0]}: mã gốc không phải của máy ghi`, `${where[1]}: its root is not the recorder's`],
  entry: (number) => [
    `${MANIFEST}: mục nhật ký ${number} không phải mục mà mã băm của nó nêu`,
    `${MANIFEST}: audit entry ${number} is not the one its hash names`,
  ],
  unfixed: (camera, slice) => [
    `${camera}: đoạn ghi ${slice} không nằm trong các đoạn mà mục nhật ký đã ghi lại`,
    `${camera}: slice ${slice} is not among those that the audit entry fixed`,
  ],
  stampUnclear: () => [
    `${TIMESTAMP}: không phải dấu thời gian đọc được (RFC 3161)`,
    `${TIMESTAMP}: is no time stamp that can be read (RFC 3161)`,
  ],
  stampMethod: () => [
    `${TIMESTAMP}: được ký theo cách mà chương trình này không biết`,
    `${TIMESTAMP}: is signed in a way that this program does not know`,
  ],
  stampNoCertificate: () => [
    `${TIMESTAMP}: không có chứng thư đã dùng để ký nó`,
    `${TIMESTAMP}: does not hold the certificate that it is signed with`,
  ],
  stampTwoCertificates: () => [
    `${TIMESTAMP}: nêu hai chứng thư khác nhau đã dùng để ký nó`,
    `${TIMESTAMP}: names two certificates that it is signed with`,
  ],
  stampSaid: () => [
    `${TIMESTAMP}: ghi điều khác với điều đã được ký`,
    `${TIMESTAMP}: says something else than what was signed`,
  ],
  stampSignature: () => [
    `${TIMESTAMP}: không được ký bằng chứng thư nằm trong nó`,
    `${TIMESTAMP}: is not signed by the certificate in it`,
  ],
  stampPurpose: () => [
    `${TIMESTAMP}: được ký bằng chứng thư không dành cho dấu thời gian`,
    `${TIMESTAMP}: is signed with a certificate that is not for time stamps`,
  ],
  stampValidity: (at) => [
    `${TIMESTAMP}: ghi lúc ${at}, khi chứng thư của nó không có hiệu lực`,
    `${TIMESTAMP}: is of ${at}, when its certificate was not valid`,
  ],
  stampOther: () => [
    `${TIMESTAMP}: là dấu thời gian của thứ khác`,
    `${TIMESTAMP}: is the time stamp of something else`,
  ],
  otherKey: (found, typed) => [
    `${KEY}: gói được ký bằng khoá ${found}, không phải ${typed}`,
    `${KEY}: the package is signed by key ${found}, not by ${typed}`,
  ],
};

const NOTES = {
  stamp: ({ at, subject, certificate }) => [
    `dấu thời gian: ${at} do ${subject}, chứng thư SHA-256 ${certificate}; có tin nơi cấp đó hay không là do người xem quyết định`,
    `time stamp: ${at} by ${subject}, certificate SHA-256 ${certificate}; ` +
      "whether that authority is to be trusted is for you to say",
  ],
  noStamp: (authority, reason) => {
    const why = Object.hasOwn(NO_STAMP, reason) ? NO_STAMP[reason] : [reason, reason];
    return [`dấu thời gian: không có, ${authority} ${why[0]}`, `time stamp: none, ${authority} ${why[1]}`];
  },
  packed: (camera, fragment, slice, what) => {
    const where = fragment === null ? ["cả đoạn", "slice"] : [`mảnh ${fragment}`, `fragment ${fragment}`];
    return [
      `${camera}: ${where[0]} của ${slice}: ${PACKED_FAULTS[what] ?? what} (thấy khi đóng gói)`,
      `${camera}: ${where[1]} of ${slice}: ${what} (found when it was packed)`,
    ];
  },
  unproven: (camera, slice) => [
    `${camera}: đoạn ghi ${slice} không nằm trong mục nhật ký nào`,
    `${camera}: slice ${slice} stands in no audit entry`,
  ],
  late: (camera, slice, count) => [
    `${camera}: đoạn ghi ${slice}: ${count} mảnh được lấy mã băm muộn, sau một lần dừng`,
    `${camera}: slice ${slice}: ${count} fragments were hashed late, after a stop`,
  ],
};

const VERDICTS = {
  valid: ["HỢP LỆ", "VALID"],
  fits: ["KHỚP NHAU, nhưng chưa biết khoá của ai", "IT FITS TOGETHER, but whose key it is nobody has said"],
  wrong: ["KHÔNG HỢP LỆ", "NOT VALID"],
  unreadable: ["KHÔNG ĐỌC ĐƯỢC", "CANNOT BE READ"],
};
