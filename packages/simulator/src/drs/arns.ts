interface Place {
  readonly account: string;
  readonly region: string;
}

export function sourceServerArn(server: Place & { readonly id: string }): string {
  return `arn:aws:drs:${server.region}:${server.account}:source-server/${server.id}`;
}

export function jobArn(place: Place, id: string): string {
  return `arn:aws:drs:${place.region}:${place.account}:job/${id}`;
}

export function recoveryInstanceArn(place: Place, id: string): string {
  return `arn:aws:drs:${place.region}:${place.account}:recovery-instance/${id}`;
}
