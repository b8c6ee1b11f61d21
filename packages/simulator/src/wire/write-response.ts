import type { AwsFault } from '../aws-fault.ts';
import { MODELS } from '../boundary.ts';
import type { OperationModel } from '../model/service-model.ts';
import type { WireResponse } from './message.ts';
import type { ServiceName } from './read-request.ts';
import { buildXml, xmlTree } from './xml.ts';

/** Writes an operation's output in its service's protocol. */
export function writeOutput(
  service: ServiceName,
  name: string,
  operation: OperationModel,
  output: Readonly<Record<string, unknown>>,
  requestId: string,
): WireResponse {
  const model = MODELS[service];
  switch (model.protocol) {
    case 'rest-json':
      return {
        status: operation.status,
        headers: { 'content-type': 'application/json', 'x-amzn-requestid': requestId },
        body: operation.output === undefined || operation.status === 204 ? '' : JSON.stringify(output),
      };
    case 'aws-json':
      return {
        status: operation.status,
        headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': requestId },
        body: JSON.stringify(output),
      };
    case 'query': {
      const result = operation.output === undefined ? {} : xmlTree(model, operation.output, output);
      return {
        status: operation.status,
        headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
        body: buildXml({
          [`${name}Response`]: {
            '@xmlns': model.namespace,
            ...(operation.output === undefined ? {} : { [operation.wrapper ?? `${name}Result`]: result }),
            ResponseMetadata: { RequestId: requestId },
          },
        }),
      };
    }
    case 'rest-xml':
      return {
        status: operation.status,
        headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
        body:
          operation.output === undefined
            ? ''
            : buildXml({ [operation.output]: { '@xmlns': model.namespace, ...xmlTree(model, operation.output, output) } }),
      };
    case 'ec2-query': {
      const result = operation.output === undefined ? {} : xmlTree(model, operation.output, output);
      return {
        status: operation.status,
        headers: { 'content-type': 'text/xml;charset=UTF-8', 'x-amzn-requestid': requestId },
        body: buildXml({ [`${name}Response`]: { '@xmlns': model.namespace, requestId, ...result } }),
      };
    }
  }
}

/** Writes an error in the service's protocol; of a request that reached no service, as restJson does. */
export function writeFault(service: ServiceName | undefined, fault: AwsFault, requestId: string): WireResponse {
  const model = service === undefined ? undefined : MODELS[service];
  switch (model?.protocol) {
    case 'query':
    case 'rest-xml':
      return {
        status: fault.status,
        headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
        body: buildXml({
          ErrorResponse: {
            '@xmlns': model.namespace,
            Error: { Type: fault.status >= 500 ? 'Receiver' : 'Sender', Code: fault.code, Message: fault.message },
            RequestId: requestId,
          },
        }),
      };
    case 'ec2-query':
      return {
        status: fault.status,
        headers: { 'content-type': 'text/xml;charset=UTF-8', 'x-amzn-requestid': requestId },
        body: buildXml({ Response: { Errors: { Error: { Code: fault.code, Message: fault.message } }, RequestID: requestId } }),
      };
    case 'aws-json':
      return {
        status: fault.status,
        headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': requestId },
        // Modelled SSM errors spell the member Message; the front end's own errors spell it message. Both are sent.
        body: JSON.stringify({ __type: fault.code, ...fault.members, Message: fault.message, message: fault.message }),
      };
    default: {
      const { retryAfterSeconds, ...members } = fault.members;
      return {
        status: fault.status,
        headers: {
          'content-type': 'application/json',
          'x-amzn-requestid': requestId,
          'x-amzn-errortype': fault.code,
          ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
        },
        body: JSON.stringify({ message: fault.message, ...members }),
      };
    }
  }
}
