"""The clauses of the contract of sale, as the model contracts of the market administration have them; each is its heading and its text."""

from __future__ import annotations

from typing import Final

from templates.kit import WIDE, Band, Element, Words, band, column, table, text, wrapped

CLAUSES: Final = (
    ("二、质量标准", "2. Quality",
     "乙方提供的产品应为全新合格品，符合国家标准、行业标准及双方确认的技术要求，并随货提供产品合格证、检验报告等资料。",
     "The goods shall be new and of proper quality, comply with national and industry standards and with the specification agreed, and be delivered with certificates of conformity and test reports."),
    ("三、交货时间、地点与方式", "3. Delivery",
     "乙方应于 {{ delivery_on|chinese_date|default('双方另行书面约定的日期') }} 前将货物送达 {{ delivery_address|default('甲方指定地点') }}，运输方式由乙方选定。货物毁损、灭失的风险自甲方签收之时起由甲方承担。",
     "The seller shall deliver the goods to {{ delivery_address|default('the place named by the buyer') }} by {{ delivery_on|english_date|default('the date agreed in writing') }} by a means of transport of its choice. The risk of loss or damage passes to the buyer on signed receipt."),
    ("四、包装与运输费用", "4. Packing and freight",
     "产品包装应适合长途运输，满足防潮、防震、防锈要求；包装费及运输费由乙方承担，包装物不回收。",
     "The goods shall be packed for long-distance transport, protected against moisture, shock and rust. Packing and freight are at the seller's expense; packing is not returned."),
    ("五、验收", "5. Acceptance",
     "甲方应在收货后七日内按约定的品名、规格、数量和质量验收；有异议的，应在该期限内以书面形式提出，逾期未提出的视为验收合格。乙方应在接到书面异议后五个工作日内负责处理。",
     "The buyer shall inspect goods and quantities within seven days of receipt and raise any objection in writing within that time; otherwise the goods are deemed accepted. The seller shall deal with an objection within five working days."),
    ("六、付款方式与期限", "6. Payment",
     "合同总价款为 {{ total|money('¥') }}（{{ total|rmb }}），其中不含税金额 {{ net|money('¥') }}，增值税额 {{ tax|money('¥') }}。付款方式：{{ payment_terms|default('按下表分期支付') }}。甲方应将款项汇入本合同所列乙方账户。",
     "The total price is {{ total|money('¥') }} ({{ total|words }}), of which net {{ net|money('¥') }} and VAT {{ tax|money('¥') }}. Terms of payment: {{ payment_terms|default('by instalments as below') }}. Payments shall be made to the seller's account named in this contract."),
    ("七、发票", "7. Invoices",
     "乙方应按国家税收规定向甲方开具合法有效的增值税发票。甲方应提供准确的开票信息；因信息有误造成的损失由甲方承担。",
     "The seller shall issue valid VAT invoices as the tax law requires. The buyer shall supply correct invoicing particulars and bears any loss caused by wrong ones."),
    ("八、质量保证与售后服务", "8. Warranty",
     "质保期为验收合格之日起十二个月。质保期内因产品质量引起的故障，由乙方免费修理或更换；因甲方使用、保管不当造成的损坏，乙方提供有偿服务。",
     "The warranty period is twelve months from acceptance. Faults caused by the quality of the goods are repaired or replaced free of charge; damage caused by improper use or storage is repaired at the buyer's expense."),
    ("九、违约责任", "9. Breach",
     "乙方逾期交货的，每逾期一日，按逾期交货部分价款的万分之五向甲方支付违约金；甲方逾期付款的，每逾期一日，按逾期付款金额的万分之五向乙方支付违约金。违约金累计不超过合同总价款的百分之十。一方根本违约的，对方有权解除合同并要求赔偿损失。",
     "For each day of delay the seller shall pay 0.05 % of the price of the goods delayed, and the buyer 0.05 % of the amount overdue; such payments together do not exceed ten per cent of the total price. In case of fundamental breach the other party may terminate the contract and claim damages."),
    ("十、不可抗力", "10. Force majeure",
     "因自然灾害、政府行为等不可抗力不能履行合同的一方，应及时通知对方，并在十五日内提供证明，可根据影响程度部分或全部免除责任。",
     "A party prevented from performing by force majeure such as natural disaster or acts of government shall notify the other in time and furnish evidence within fifteen days; it is released from liability to the extent of the impediment."),
    ("十一、争议解决", "11. Disputes",
     "因履行本合同发生的争议，双方应友好协商解决；协商不成的，任何一方均可向合同签订地有管辖权的人民法院提起诉讼。",
     "Disputes arising from this contract shall be settled by friendly negotiation; failing this, either party may bring an action before the competent people's court at the place where the contract was signed."),
    ("十二、其他约定", "12. General",
     "本合同自双方签字、盖章之日起生效，一式肆份，双方各执贰份，具有同等法律效力。附件、补充协议与本合同具有同等效力。{{ note }}",
     "This contract takes effect when signed and stamped by both parties. It is made in four originals, two for each party, all equally binding. Annexes and supplementary agreements form part of it. {{ note }}"),
)  # fmt: skip
PLAN_AFTER: Final = "六、付款方式与期限"


def clauses(t: Words) -> list[Band]:
    """Return a band for each clause, the plan of instalments after that of payment."""
    found: list[Band] = []
    for chinese, english, meaning, wording in CLAUSES:
        found.append(_clause(t(chinese, english), t("　　" + meaning, wording)))
        if chinese == PLAN_AFTER:
            found.append(_plan(t))
    return found


def _clause(heading: str, body: str) -> Band:
    return band(13, text(0, 1.5, WIDE, 5.5, heading, 10, bold=True), wrapped(0, 7, WIDE, 5, body, 10, leading=1.5))


def _plan(t: Words) -> Band:
    """Return the instalments, where there are any."""
    plan: Element = {"type": "table", "x": 0, "y": 1, "width": WIDE, "height": 1, "list": "instalments"} | table(
        column(t("期次", "No."), 14, "{{ line.no }}", "center"),
        column(t("款项", "Instalment"), 36, "{{ line.name }}"),
        column(t("付款条件", "Condition"), 0, "{{ line.condition }}"),
        column(t("付款期限", "Due"), 28, "{{ line.due_on|date }}", "center"),
        column(t("比例", "Share"), 18, "{{ line.ratio|percent }}", "right"),
        column(t("金额（元）", "Amount (RMB)"), 32, "{{ line.amount|money }}", "right"),
        size=9,
        row_height=6,
        header_height=6.5,
    )
    return band(3, plan, when="instalments")
