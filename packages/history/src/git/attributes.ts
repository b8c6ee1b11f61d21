/** The file of a history branch that keeps git from turning the line ends of a checkout, with which no hash would fit any more. */
export const ATTRIBUTES_FILE = '.gitattributes';

/** Its content, the same in every history. https://git-scm.com/docs/gitattributes#_text */
export const ATTRIBUTES = '* -text\n';
