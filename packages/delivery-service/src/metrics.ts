/** Counts for Prometheus. Routes and statuses are its labels, never groups, devices or users. */
export class Metrics {
  readonly #requests = new Map<string, number>();
  #faults = 0;
  sockets = 0;

  count(route: string, status: number): void {
    const labels = `{route="${route}",code="${status}"}`;
    this.#requests.set(labels, (this.#requests.get(labels) ?? 0) + 1);
  }

  fault(): void {
    this.#faults++;
  }

  text(): string {
    const lines = ["# TYPE ds_requests_total counter"];
    for (const [labels, count] of this.#requests) lines.push(`ds_requests_total${labels} ${count}`);
    lines.push("# TYPE ds_faults_total counter", `ds_faults_total ${this.#faults}`);
    lines.push("# TYPE ds_sockets gauge", `ds_sockets ${this.sockets}`);
    return `${lines.join("\n")}\n`;
  }
}
