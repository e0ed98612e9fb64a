// Just enough of the ELF format to see what a shared library imports and exports (64 bits, little-endian: all of ours).

const SECTION_DYNSYM = 11;
const SECTION_VERNEED = 0x6ffffffe;
const WEAK_VERSION = 2;
const GLOBAL = 1;
const WEAK = 2;

export class Elf {
  #bytes;
  #sections;

  /** @param {Buffer} bytes @returns {boolean} whether they are a 64-bit little-endian ELF file */
  static is(bytes) {
    return bytes.length > 64 && bytes.readUInt32BE(0) === 0x7f454c46 && bytes[4] === 2 && bytes[5] === 1;
  }

  /** @param {Buffer} bytes */
  constructor(bytes) {
    this.#bytes = bytes;
    const offset = Number(bytes.readBigUInt64LE(0x28));
    const [size, count] = [bytes.readUInt16LE(0x3a), bytes.readUInt16LE(0x3c)];
    this.#sections = Array.from({ length: count }, (_, i) => this.#section(offset + i * size));
  }

  /** @param {number} at */
  #section(at) {
    const u64 = (/** @type {number} */ field) => Number(this.#bytes.readBigUInt64LE(at + field));
    const u32 = (/** @type {number} */ field) => this.#bytes.readUInt32LE(at + field);
    return { type: u32(4), offset: u64(0x18), size: u64(0x20), link: u32(0x28) };
  }

  /** @param {number} table the index of its section @param {number} at */
  #text(table, at) {
    const begin = this.#sections[table].offset + at;
    return this.#bytes.toString('latin1', begin, this.#bytes.indexOf(0, begin));
  }

  /** Names of the symbol versions that must be there when the library is loaded, such as `GLIBC_2.17`. */
  neededVersions() {
    const names = [];
    for (const { offset, link } of this.#sections.filter(({ type }) => type === SECTION_VERNEED)) {
      for (let need = offset, next = 1; next; need += next) {
        next = this.#bytes.readUInt32LE(need + 12);
        names.push(...this.#versionsOf(need + this.#bytes.readUInt32LE(need + 8), link));
      }
    }
    return names;
  }

  /**
   * Returns the versions that are needed of one library; those that may be missing are left out.
   *
   * @param {number} first position in the file
   * @param {number} link index of the section with the names
   */
  #versionsOf(first, link) {
    const names = [];
    for (let at = first, next = 1; next; at += next) {
      next = this.#bytes.readUInt32LE(at + 12);
      const isWeak = this.#bytes.readUInt16LE(at + 4) & WEAK_VERSION;
      if (!isWeak) names.push(this.#text(link, this.#bytes.readUInt32LE(at + 8)));
    }
    return names;
  }

  /** Names of the symbols that others can bind to. */
  exports() {
    return this.#sections
      .filter(({ type }) => type === SECTION_DYNSYM)
      .flatMap(({ offset, size, link }) => {
        const names = [];
        for (let at = offset; at < offset + size; at += 24) {
          const binding = this.#bytes[at + 4] >> 4;
          const defined = this.#bytes.readUInt16LE(at + 6) !== 0;
          const isVisible = binding === GLOBAL || binding === WEAK;
          if (defined && isVisible) names.push(this.#text(link, this.#bytes.readUInt32LE(at)));
        }
        return names;
      });
  }
}
