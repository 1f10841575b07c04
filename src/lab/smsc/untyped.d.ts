declare module "smpp" {
  export interface SubmittedMessage {
    readonly message: string | Buffer;
    /** The elements of the user data header. */
    readonly udh?: readonly Buffer[];
  }

  /** A PDU as the package reads and writes it. Fields that a PDU lacks are undefined. */
  export class PDU {
    static maxLength: number;
    /** @param command a name with its fields, or a whole PDU. Throws at what it cannot read */
    constructor(command: string | Buffer, options?: Readonly<Record<string, unknown>>);
    readonly command: string;
    readonly command_id: number;
    readonly command_status: number;
    readonly sequence_number: number;
    readonly system_id?: string;
    readonly password?: string;
    readonly source_addr_ton?: number;
    readonly source_addr_npi?: number;
    readonly source_addr?: string;
    readonly dest_addr_ton?: number;
    readonly dest_addr_npi?: number;
    readonly destination_addr?: string;
    readonly esm_class?: number;
    readonly data_coding?: number;
    readonly registered_delivery?: number;
    readonly short_message?: SubmittedMessage;
    readonly message_payload?: SubmittedMessage;
    readonly user_message_reference?: number;
    readonly sar_msg_ref_num?: number;
    readonly sar_total_segments?: number;
    readonly sar_segment_seqnum?: number;
    readonly message_id?: string;
    readonly receipted_message_id?: string;
    readonly message_state?: number;
    isResponse(): boolean;
    response(options?: Readonly<Record<string, unknown>>): PDU;
    toBuffer(): Buffer;
  }

  const smpp: { readonly PDU: typeof PDU };
  export default smpp;
}
