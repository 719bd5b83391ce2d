import { badRequest, type Handler } from './call.ts'
import { pageOf } from './list.ts'
import { textOf } from './values.ts'

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []

/**
 * The articles that hold a word of `term`, in the language of `lang`, the best first. The parameters are those of
 * Kustomer's chat SDK; how articles are ranked is assumed.
 */
export const searchArticles: Handler = ({ articles }, call) => {
  const [term, lang] = [call.query.get('term') ?? '', call.query.get('lang')]
  const wanted = new Set(wordsOf(term))
  if (wanted.size === 0) throw badRequest('term must hold the words to find', { parameter: 'term' })
  const ranked = articles
    .filter(({ attributes }) => lang === null || attributes['lang'] === lang)
    .map((article) => {
      const { title, metaDescription, htmlBody } = article.attributes
      const inTitle = new Set(wordsOf(textOf(title)))
      const text = `${title} ${metaDescription} ${textOf(htmlBody).replace(/<[^>]*>/g, ' ')}`
      const inText = new Set(wordsOf(text))
      const hits = [...wanted].map((word) => Number(inText.has(word)) + Number(inTitle.has(word)))
      return { article, score: hits.reduce((sum, hit) => sum + hit, 0) }
    })
    .filter(({ score }) => score > 0)
    .sort((left, right) => right.score - left.score)
  return pageOf(
    ranked.map(({ article }) => article),
    call,
  )
}
