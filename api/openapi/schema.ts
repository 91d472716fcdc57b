/** The part of JSON Schema that api/openapi.yaml uses. What is not here is not understood. */

export type TypeName = 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object' | 'null';

export interface Schema {
  readonly $ref?: string;
  readonly description?: string;
  readonly type?: TypeName | readonly TypeName[];
  readonly enum?: readonly string[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
  /** In answers alone. */
  readonly anyOf?: readonly Schema[];
  /** A single text is taken as a list of one, as Engine clients may send a command. */
  readonly 'x-accepts-string'?: boolean;
}
