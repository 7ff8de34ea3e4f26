"""Makes the workbooks of the demo company: three hundred customers and two years of business, as an office keeps them in Excel.

``python generate.py [FOLDER]``; the same seed always gives the same content. Nobody in it exists: names are put together from
`words.json`, mobiles have four zeros in the middle, mail goes to .example.
"""

# ruff: noqa: D102, INP001, PLR2004 - a script of one class whose methods and shares of chance say what they are by their place
from __future__ import annotations

import json
import random
import sys
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, Final

import xlsxwriter

HERE: Final = Path(__file__).resolve().parent
NEWEST: Final = date(2026, 11, 30)
OLDEST: Final = NEWEST - timedelta(days=730)
SEED: Final = 20261130
CUSTOMERS: Final = 300
CENT: Final = Decimal("0.01")
CODE_LETTERS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
SELLERS: Final = ("王敏", "陈思远", "刘洋")
STEPS: Final = ("寄送样品", "发送报价单", "安排现场勘察", "约技术交流会", "确认付款方式", "等对方领导审批", "准备合同文本")
TALKS: Final = {
    "电话": ("确认本月采购计划，下周给答复", "询问交货期，已回复两周内发货", "客户反馈产品运行正常，有扩产打算", "沟通价格，对方希望再让两个点"),
    "拜访": ("现场看了生产线，建议更换老旧控制柜", "与采购和技术一起开会，确认了型号清单", "送样品并演示操作，客户比较满意"),
    "微信": ("发送产品资料和最新价格表", "客户转来新的图纸，已请技术部评估", "提醒合同盖章，对方说这两天寄出"),
    "邮件": ("发送正式报价单", "回复技术参数问题", "寄送对账单电子版"),
    "会议": ("项目启动会，明确分工和时间节点", "年度合作回顾，商定明年框架协议"),
    "催款": ("提醒货款已到期，财务答应本周安排", "对账无误，客户说资金紧张，申请延期十天", "再次催款，约定月底前付清"),
}

Row = list[Any]


class Office:
    """Invents the company's data; every list is one sheet, its first row the headings."""

    def __init__(self) -> None:
        self.chance = random.Random(SEED)  # noqa: S311 - demo data, no secret
        self.words = json.loads((HERE / "words.json").read_text(encoding="utf-8"))
        self.customers: list[dict[str, Any]] = []
        self.contacts: list[Row] = [["姓名", "客户名称", "职务", "角色", "性别", "手机", "微信", "邮箱", "生日", "主联系人", "负责人", "备注"]]
        self.titles: list[Row] = [["客户名称", "发票抬头", "税号", "注册地址", "电话", "开户行", "银行账号", "默认"]]
        self.products = self.make_products()
        self.contracts: list[Row] = [["合同编号", "合同名称", "客户名称", "状态", "签订日期", "交货日期", "到期日期", "结算方式", "交货地址", "合同金额", "业务员", "备注"]]
        self.lines: list[Row] = [["合同编号", "序号", "产品编码", "产品名称", "规格型号", "单位", "数量", "含税单价", "折扣率", "税率"]]
        self.plans: list[Row] = [["合同编号", "期次", "款项名称", "付款条件", "应收日期", "比例", "金额"]]
        self.receivables: list[Row] = [["单据编号", "摘要", "客户名称", "来源", "单据日期", "到期日", "应收金额", "业务员"]]
        self.receipts: list[Row] = []
        self.invoices: list[Row] = [["发票号码", "客户名称", "合同编号", "发票类型", "开票日期", "价税合计", "税率", "发票抬头", "开票人", "备注"]]
        self.serial = 0

    def make(self) -> None:
        """Invent everything, in the order in which it depends on each other."""
        for number in range(1, CUSTOMERS + 1):
            self.add_customer(number)
        buyers = [customer for customer in self.customers if customer["status"] == "成交客户"]
        signed = sorted(self.day(OLDEST + timedelta(days=10), NEWEST) for _number in range(220))
        counts: dict[int, int] = {}
        for day in signed:
            counts[day.year] = counts.get(day.year, 0) + 1
            self.add_contract(f"HT-{day.year}-{counts[day.year]:04}", self.chance.choice(buyers), day)
        for number in range(1, 31):
            self.add_receivable(f"QC-{number:04}", "期初欠款", "期初", self.chance.choice(buyers), OLDEST, 31, late=0.9)
        for number, day in enumerate(sorted(self.day(OLDEST, NEWEST) for _number in range(120)), 1):
            self.add_receivable(f"SH-{number:04}", "零星送货", "送货", self.chance.choice(buyers), day, self.chance.choice((0, 30, 30, 60)), late=0.93)
        for _number in range(9):
            self.pay(self.chance.choice(buyers), self.day(NEWEST - timedelta(days=60), NEWEST), self.amount(2000, 30000), "", "预付款")

    def day(self, first: date, last: date) -> date:
        return first + timedelta(days=self.chance.randint(0, max((last - first).days, 0)))

    def amount(self, low: int, high: int) -> Decimal:
        """Return a sum between `low` and `high`, small ones more often, mostly in round tens."""
        exact = Decimal(int(low * 100 * (high / low) ** self.chance.random())) / 100
        return exact if self.chance.random() < 0.3 else exact.quantize(Decimal(10)) if exact < 10000 else exact.quantize(Decimal(100))

    def pick(self, name: str) -> Any:
        return self.chance.choice(self.words[name])

    def person(self) -> str:
        return str(self.pick("surnames") + self.pick("given"))

    def mobile(self) -> str:
        return f"{self.chance.choice(('130', '135', '136', '137', '138', '139', '158', '186'))}0000{self.chance.randrange(10000):04}"

    def credit_code(self, region: str) -> str:
        """Return a code with the check digit of GB 32100-2015: (31 - Σ value × 3^(i-1) mod 31) mod 31."""
        body = "91" + region + "".join(self.chance.choices(CODE_LETTERS, k=9))
        total = sum(CODE_LETTERS.index(letter) * pow(3, place, 31) for place, letter in enumerate(body))
        return body + CODE_LETTERS[(31 - total) % 31]

    def make_products(self) -> list[Row]:
        rows: list[Row] = [["产品编码", "产品名称", "规格型号", "类别", "单位", "含税单价", "税率", "成本价", "品牌"]]
        for number, (category, name, specification, unit, price) in enumerate(self.words["products"], 1):
            cost = (Decimal(str(price)) * Decimal("0.68")).quantize(CENT, ROUND_HALF_UP)
            rate = Decimal("0.06") if category == "服务" else Decimal("0.13")
            rows.append([f"CP-{number:05}", name, specification, category, unit, Decimal(str(price)), rate, cost, "" if category == "服务" else "晨岸"])
        return rows

    def add_customer(self, number: int) -> None:
        names = {customer["short"] for customer in self.customers}
        while True:
            province, city, districts, area, region = self.pick("places")
            trade, kinds = self.pick("trades")
            short = self.pick("first") + self.pick("second")
            if short not in names:
                break
        district = self.chance.choice(districts)
        status = self.chance.choices(("成交客户", "意向客户", "潜在客户", "暂停", "流失"), (56, 20, 15, 5, 4))[0]
        customer = {
            "code": f"KH-{number:05}", "short": short, "name": f"{city}{short}{self.chance.choice(kinds)}{self.pick('forms')}", "trade": trade,
            "province": province, "city": city, "district": district, "status": status, "tax": self.credit_code(region),
            "address": f"{city}市{district}{self.pick('streets')}{self.chance.randint(1, 999)}号", "phone": f"{area}-{self.chance.randint(2000, 8999)}{self.chance.randint(0, 9999):04}",
            "owner": "" if status == "潜在客户" and self.chance.random() < 0.3 else self.chance.choice(SELLERS), "terms": self.pick("terms"),
            "level": self.chance.choices("ABCDE", (12, 28, 35, 18, 7))[0], "next": self.next_contact(status),
        }  # fmt: skip
        self.customers.append(customer)
        people = [self.add_contact(customer, first=place == 0) for place in range(self.chance.choice((1, 1, 2, 2, 3)))]
        customer["person"], customer["mobile"] = people[0]
        if status in {"成交客户", "暂停"}:
            bank = f"{self.pick('banks')}{city}{district}支行"
            account = "".join(self.chance.choices("0123456789", k=19))
            self.titles.append([customer["name"], customer["name"], customer["tax"], customer["address"], customer["phone"], bank, f"6{account[1:]}", "是"])

    def next_contact(self, status: str) -> date | None:
        if status in {"暂停", "流失"} or self.chance.random() < 0.55:
            return None
        return self.day(NEWEST - timedelta(days=6), NEWEST + timedelta(days=25))

    def add_contact(self, customer: dict[str, Any], *, first: bool) -> tuple[str, str]:
        name, mobile = self.person(), self.mobile()
        position, role = self.pick("positions")
        role = {"buys": "采购", "decides": "决策者", "uses": "使用者", "pays": "财务", "influences": "影响者"}[role]
        birthday = self.day(date(1970, 1, 1), date(1999, 12, 31)) if self.chance.random() < 0.3 else None
        mail = f"c{mobile[-4:]}{len(self.contacts)}@kehu.example" if self.chance.random() < 0.5 else ""
        gender = self.chance.choice(("先生", "女士"))
        self.contacts.append([name, customer["name"], position, role, gender, mobile, mobile if first else "", mail, birthday, "是" if first else "否", customer["owner"], ""])
        return name, mobile

    def add_contract(self, number: str, customer: dict[str, Any], signed: date) -> None:
        total, category = self.add_lines(number)
        framework = not total
        total = total or Decimal(self.chance.choice((36000, 48000, 60000, 120000)))
        title = "年度维护框架协议" if framework else f"{category}采购合同"
        age = (NEWEST - signed).days
        draft, ended = age < 40 and self.chance.random() < 0.35, age > 120 and self.chance.random() < 0.03
        paid = self.add_plan(number, customer, signed, total, in_force=not (draft or ended))
        state = "草稿" if draft else "已终止" if ended else "已完成" if paid and age > 100 else "执行中"
        expires = signed + timedelta(days=365) if framework or self.chance.random() < 0.4 else None
        if state == "执行中" and self.chance.random() < 0.12:
            expires = self.day(NEWEST + timedelta(days=2), NEWEST + timedelta(days=28))
        self.contracts.append([
            number, title, customer["name"], state, signed, signed + timedelta(days=self.chance.choice((15, 20, 30, 45))), expires, customer["terms"],
            customer["address"], total if framework else None, customer["owner"], "",
        ])  # fmt: skip

    def add_lines(self, number: str) -> tuple[Decimal, str]:
        """Add the lines of a contract; return their total, nothing for a framework contract, and what it is mostly about."""
        if self.chance.random() < 0.07:
            return Decimal(0), ""
        total = Decimal(0)
        chosen = self.chance.sample(self.products[1:], self.chance.choice((1, 2, 2, 3, 3, 4, 6)))
        for position, (code, name, specification, _category, unit, price, rate, _cost, _brand) in enumerate(chosen, 1):
            quantity = Decimal(1 if price > 5000 else self.chance.choice((1, 2, 4, 5, 10, 20, 50)) if price > 200 else self.chance.choice((20, 50, 100, 200)))
            discount = self.chance.choice((Decimal(1), Decimal(1), Decimal("0.98"), Decimal("0.95")))
            self.lines.append([number, position, code, name, specification, unit, quantity, price, discount, rate])
            total += (quantity * price * discount).quantize(CENT, ROUND_HALF_UP)
        return total, str(chosen[0][3])

    def add_plan(self, number: str, customer: dict[str, Any], signed: date, total: Decimal, *, in_force: bool) -> bool:
        """Add the instalments with what was invoiced and paid of them; tell whether all is paid."""
        plan = self.chance.choice(((("货款", 100, 30),), (("预付款", 30, 5), ("尾款", 70, 45)), (("预付款", 30, 5), ("发货款", 60, 40), ("质保金", 10, 365))))
        left, everything = total, True
        invoice = self.add_invoice(customer, number, min(signed + timedelta(days=self.chance.randint(3, 20)), NEWEST), total) if in_force else ""
        for position, (name, share, days) in enumerate(plan, 1):
            part = left if position == len(plan) else (total * share / 100).quantize(CENT, ROUND_HALF_UP)
            left -= part
            due = signed + timedelta(days=days)
            condition = {"预付款": "合同签订后5日内", "发货款": "发货前付清", "质保金": "质保期满后", "尾款": "验收合格后30日内"}.get(name, "货到30天")
            self.plans.append([number, position, name, condition, due, Decimal(share) / 100, part])
            # What falls due later isn't paid before what fell due first.
            paid = part if not in_force or not everything else self.paid_of(part, due)
            if in_force and paid:
                self.pay(customer, max(due + timedelta(days=self.chance.randint(-4, 25)), signed), paid, invoice, name)
            everything = everything and paid == part
        return in_force and everything

    def paid_of(self, amount: Decimal, due: date) -> Decimal:
        """Return what a customer has paid of an amount: old debts mostly all, late ones less, future ones nothing."""
        late = (NEWEST - due).days
        if late < 0:
            return Decimal(0)
        full = 0.95 if late > 90 else 0.7 if late > 30 else 0.45
        draw = self.chance.random()
        if draw < full:
            return amount
        return (amount * self.chance.choice((30, 40, 50, 60)) / 100).quantize(CENT, ROUND_HALF_UP) if draw < full + (1 - full) * 0.4 else Decimal(0)

    def add_invoice(self, customer: dict[str, Any], contract: str, day: date, total: Decimal) -> str:
        self.serial += 1
        number = f"{day:%y}32{2}{self.serial:015}"
        kind = self.chance.choice(("专票", "专票", "专票", "普票"))
        self.invoices.append([number, customer["name"], contract, kind, day, total, Decimal("0.13"), customer["name"], customer["owner"], ""])
        return number

    def add_receivable(self, number: str, text: str, kind: str, customer: dict[str, Any], day: date, days: int, *, late: float) -> None:
        amount, due = self.amount(300, 26000), day + timedelta(days=days)
        self.receivables.append([number, text, customer["name"], kind, day, due, amount, customer["owner"]])
        paid = amount if (NEWEST - due).days > 60 and self.chance.random() < late else self.paid_of(amount, due)
        if paid:
            self.pay(customer, due + timedelta(days=self.chance.randint(-3, 30)), paid, number, text)

    def pay(self, customer: dict[str, Any], day: date, amount: Decimal, settles: str, note: str) -> None:
        method = self.chance.choices(("银行转账", "承兑汇票", "微信", "现金"), (84, 8, 5, 3))[0]
        reference = f"LS{self.chance.randrange(10**12):012}" if method == "银行转账" else ""
        account = "工商银行基本户" if method in {"银行转账", "承兑汇票"} else "零钱账户"
        self.receipts.append([customer["name"], min(day, NEWEST), amount, method, account, customer["name"], reference, settles, customer["owner"], note])

    def customer_rows(self) -> list[Row]:
        rows: list[Row] = [["客户名称", "简称", "客户编码", "状态", "等级", "负责人", "来源", "行业", "统一社会信用代码", "联系人", "手机", "电话", "邮箱", "省份", "城市", "区县",
                            "地址", "信用额度", "结算方式", "下次跟进", "标签"]]  # fmt: skip
        for one in self.customers:
            source = self.chance.choice(("老客户介绍", "上门", "展览", "官网", "电话", "1688", "招标"))
            limit = Decimal(self.chance.choice((50000, 100000, 200000, 300000))) if one["status"] == "成交客户" else None
            tag = self.chance.choice(("", "", "", "重点", "长期合作", "价格敏感"))
            rows.append([one["name"], one["short"], one["code"], one["status"], one["level"], one["owner"], source, one["trade"], one["tax"], one["person"], one["mobile"],
                         one["phone"], f"{one['code'].lower()}@kehu.example", one["province"], one["city"], one["district"], one["address"], limit, one["terms"], one["next"], tag])  # fmt: skip
        return rows

    def opportunity_rows(self) -> list[Row]:
        rows: list[Row] = [["商机名称", "客户名称", "阶段", "预计金额", "预计成交日期", "负责人", "来源", "下一步", "输单原因", "备注"]]
        stages = (("初步接触", 34), ("需求确认", 32), ("方案报价", 28), ("商务谈判", 16), ("赢单", 28), ("输单", 12))
        for stage, count in stages:
            for _number in range(count):
                customer = self.chance.choice(self.customers)
                closed = stage in {"赢单", "输单"}
                close = self.day(NEWEST - timedelta(days=240), NEWEST) if closed else self.day(NEWEST - timedelta(days=8), NEWEST + timedelta(days=75))
                reason = self.chance.choice(("价格偏高", "交期太长", "项目取消", "选择了别家")) if stage == "输单" else ""
                step = "" if closed else self.chance.choice(STEPS)
                name = f"{customer['short']}{self.chance.choice(('产线改造', '控制柜采购', '年度备件', '新厂房配电', '设备升级', '传感器替换'))}项目"
                rows.append([name, customer["name"], stage, self.amount(5000, 380000), close, customer["owner"], self.chance.choice(("老客户", "展会", "官网", "招标")), step, reason, ""])
        return rows

    def activity_rows(self) -> list[Row]:
        rows: list[Row] = [["客户名称", "跟进方式", "跟进内容", "跟进时间", "下次跟进", "已完成", "跟进人"]]
        alive = [customer for customer in self.customers if customer["owner"]]
        for _number in range(620):
            customer = self.chance.choice(alive)
            way = self.chance.choices(tuple(TALKS), (34, 16, 24, 10, 6, 10))[0]
            # The nearer to today, the more of it: that is how a growing business looks.
            day = NEWEST - timedelta(days=int(720 * self.chance.random() ** 2))
            clock = time(self.chance.randint(8, 17), self.chance.choice((0, 10, 15, 20, 30, 40, 45, 50)))
            following = day + timedelta(days=self.chance.choice((3, 7, 14, 30))) if self.chance.random() < 0.4 else None
            done = following is None or following < NEWEST - timedelta(days=9)
            rows.append([customer["name"], way, self.chance.choice(TALKS[way]), datetime.combine(day, clock), following, "是" if done else "否", customer["owner"]])
        return rows


def write(path: Path, sheets: dict[str, list[Row]]) -> None:
    """Write a workbook with one list a sheet: real dates and numbers, codes as text."""
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
        # Without a fixed date every run would make another file.
        book.set_properties({"created": datetime.combine(NEWEST, time())})
        head, day, instant = book.add_format({"bold": True, "bg_color": "#E8EDF3"}), book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(rows[0]) - 1, 16)
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    if isinstance(value, datetime):
                        sheet.write_datetime(number, column, value, instant)
                    elif isinstance(value, date):
                        sheet.write_datetime(number, column, value, day)
                    elif isinstance(value, (int, Decimal)):
                        sheet.write_number(number, column, value)
                    elif value:
                        sheet.write_string(number, column, value, head if number == 0 else None)


def main(folder: Path) -> None:
    """Write all workbooks and what belongs to them into `folder`."""
    office = Office()
    office.make()
    staff = [
        ["姓名", "登录名", "角色", "所属部门", "手机", "邮箱"],
        ["王敏", "wangmin", "销售", "销售一部", "13800001001", "wangmin@chenan.example"],
        ["陈思远", "chensiyuan", "销售", "销售一部", "13800001002", "chensiyuan@chenan.example"],
        ["刘洋", "liuyang", "销售", "销售二部", "13800001003", "liuyang@chenan.example"],
        ["赵婷", "zhaoting", "财务", "财务部", "13800001004", "zhaoting@chenan.example"],
        ["周立", "zhouli", "主管", "销售部", "13800001005", "zhouli@chenan.example"],
    ]
    departments = [["部门名称", "上级部门"], ["总经办", ""], ["财务部", ""], ["销售部", ""], ["销售一部", "销售部"], ["销售二部", "销售部"]]
    receipts = [["付款客户", "收款日期", "收款金额", "收款方式", "收款账户", "付款方户名", "银行流水号", "核销单号", "业务员", "备注"], *sorted(office.receipts, key=lambda row: row[1])]
    write(folder / "部门用户.xlsx", {"部门": departments, "用户": [list(row) for row in staff]})
    write(folder / "客户.xlsx", {"客户": office.customer_rows()})
    write(folder / "开票信息.xlsx", {"开票信息": office.titles})
    write(folder / "联系人.xlsx", {"联系人": office.contacts})
    write(folder / "产品.xlsx", {"产品": office.products})
    write(folder / "商机.xlsx", {"商机": office.opportunity_rows()})
    write(folder / "合同.xlsx", {"合同": office.contracts, "合同明细": office.lines, "回款计划": office.plans})
    write(folder / "应收.xlsx", {"应收": office.receivables})
    write(folder / "发票.xlsx", {"发票": office.invoices})
    write(folder / "收款.xlsx", {"收款": receipts})
    write(folder / "跟进.xlsx", {"跟进": office.activity_rows()})


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
