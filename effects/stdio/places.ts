/** Names in the stdio process's directory that both sides know. */
export const socketName = 'stdio.sock';
