// One version: either it has the map, or it knows the one entry in which it differs from the next version.
interface Version<K, V> {
  map: Map<K, V> | undefined;
  key: K | undefined;
  value: V | undefined;
  next: Version<K, V> | undefined;
}

function put<K, V>(map: Map<K, V>, key: K, value: V | undefined): void {
  if (value === undefined) {
    map.delete(key);
  } else {
    map.set(key, value);
  }
}

/**
 * A map of which forks are independent and cost nothing. All versions live in a single `Map`, which is always in the
 * state of the version that was used last; the others hold the chain of single changes that leads to it. Going from
 * one version to another costs as many steps as there are changes between them, and a version that nobody holds any
 * more is garbage.
 */
export class VersionedMap<K, V> {
  #version: Version<K, V>;
  /** No other version exists, so changes need not be recorded. */
  #alone: boolean;

  constructor() {
    this.#version = { map: new Map(), key: undefined, value: undefined, next: undefined };
    this.#alone = true;
  }

  get(key: K): V | undefined {
    return this.#current().get(key);
  }

  /** Puts a value, or removes the key if it is `undefined`. */
  set(key: K, value: V | undefined): void {
    const map = this.#current();
    const before = map.get(key);
    if (before === value) {
      return;
    }
    if (!this.#alone) {
      const old = this.#version;
      this.#version = { map, key: undefined, value: undefined, next: undefined };
      old.map = undefined;
      old.key = key;
      old.value = before;
      old.next = this.#version;
    }
    put(map, key, value);
  }

  /** A copy of what this version holds. */
  snapshot(): Map<K, V> {
    return new Map(this.#current());
  }

  /** A map with the same content that changes apart from this one. */
  fork(): VersionedMap<K, V> {
    const copy = new VersionedMap<K, V>();
    copy.#version = this.#version;
    copy.#alone = false;
    this.#alone = false;
    return copy;
  }

  /** The map in the state of this version. */
  #current(): Map<K, V> {
    const chain: Version<K, V>[] = [];
    let holder = this.#version;
    while (holder.map === undefined) {
      chain.push(holder);
      holder = holder.next!;
    }
    const map = holder.map;
    for (let version = chain.pop(); version !== undefined; version = chain.pop()) {
      const key = version.key as K;
      holder.map = undefined;
      holder.key = key;
      holder.value = map.get(key);
      holder.next = version;
      put(map, key, version.value);
      version.map = map;
      version.key = undefined;
      version.value = undefined;
      version.next = undefined;
      holder = version;
    }
    return map;
  }
}
