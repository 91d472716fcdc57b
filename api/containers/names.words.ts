/** The words that generated names are made of: moods, and people whom science owes something. */

const list = (text: string): readonly string[] => text.trim().split(/\s+/);

export const ADJECTIVES = list(`
  agile airy amber ample apt ardent artful austere balmy blithe boring brave breezy brisk bright
  bubbly calm candid careful cheery civil clear clever coastal cobalt cordial cosmic cosy crisp
  curious daring dapper deft earnest eager easy elated even exact fair fearless festive fleet
  fluent fond frank free fresh frosty gallant gentle genial glad gleaming golden graceful grateful
  hardy hearty helpful honest hopeful humble humorous ideal jaunty jolly jovial joyful keen kindly
  lasting lenient level lively logical lofty loyal lucid lucky lunar mellow merry mild mindful
  modest musing neat nimble noble open orderly patient peaceful placid plucky polite proud prudent
  quick quiet radiant rapid ready refined rested robust rosy rustic sage serene sharp silent
  simple sincere smooth sober solar sprightly steady sterling stoic sturdy subtle sunny supple
  swift tactful tender thorough tidy tranquil trusty upbeat valiant verdant vivid warm watchful
  winsome witty wry zesty
`);

export const SURNAMES = list(`
  abel agnesi ampere anning archimedes aryabhata avicenna avogadro babbage bardeen bayes bell
  bernoulli bohr boltzmann boole born bose boyle brahe brahmagupta burnell cannon cantor carson
  cauchy cavendish chandrasekhar chatelet church clarke cori copernicus coulomb cray crick curie
  dalton darwin davy dedekind descartes dijkstra dirac doppler easley eddington einstein elion
  engelbart erdos euclid euler faraday fermat fermi feynman fibonacci fleming fourier franklin
  frege galileo galois gauss germain gibbs goldberg goodall gray haber halley hamilton hamming
  heisenberg helmholtz hero hertz herschel hilbert hodgkin holberton hooke hopper hubble humboldt
  huygens hypatia alhazen jacobi jenner jepsen johnson joliot joule kalam kelvin kepler kilby
  khorana khwarizmi knuth kolmogorov kovalevskaya lagrange lamarr lamport landau laplace lavoisier
  leavitt leibniz lehmann levi liskov linnaeus lovelace lyell malpighi marconi maxwell mayer
  mcclintock mcnulty meitner mendel mendeleev merian minkowski mirzakhani moore mobius napier nash
  neumann newton nobel noether noyce oersted ohm oppenheimer pascal pasteur pauling pavlov payne
  perlman planck poincare poisson ptolemy pythagoras raman ramanujan ramsey ride riemann ritchie
  roentgen rutherford sagan sammet scheele schrodinger seaborg shannon shockley somerville stokes
  strutt swartz tarski tesla tereshkova thales thompson torricelli torvalds turing vaughan villani
  volta watt weierstrass wegener wiener wiles williams wilson wing wozniak wright wu yalow yonath
  zhukovsky
`);
